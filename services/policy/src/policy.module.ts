import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { ControlWriter, JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { ChangeRecord, type RpcClient } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import { TighteningCompiler } from '@interlock/domain-policy';
import { accepted, type Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, KEYS, LEDGER, RPC_CLIENT, recognition, type Clock } from '@interlock/nest';
import { ChangeDesk } from './changes/change-desk.js';
import { ControlStream } from './control-stream.js';
import { Explainer } from './explain/explainer.js';
import { Healer } from './healer.js';
import { PolicyController } from './policy.controller.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [PolicyController],
  providers: [
    Healer, recognition,
    {
      provide: Explainer,
      inject: [CONTROL, CLOCK],
      useFactory: (control: ControlFollower, clock: Clock) => new Explainer(new TighteningCompiler(new CedarJudgeCompiler()), () => control.state.bundle, () => clock.nowMs()),
    },
    {
      provide: ChangeDesk,
      inject: [BUS, LEDGER, CONTROL, KEYS, CLOCK, RPC_CLIENT, Recognition],
      useFactory: (bus: Bus, ledger: Ledger, control: ControlFollower, keys: ServiceKeys, clock: Clock, rpc: RpcClient, people: Recognition) => new ChangeDesk({
        records: new JetStreamAggregate(bus, { stream: 'CHANGES', schema: ChangeRecord }),
        ledger,
        control: new ControlStream(control, new ControlWriter(bus, (text) => keys.sign(text))),
        nowMs: () => clock.nowMs(),
        newId: () => randomUUID(),
        recognise: (token, configuration) => people.recogniseUnlocked(token, configuration),
        maskingProblems: async (configuration) => {
          const answer = await rpc.call('masking.compile', { configuration });
          return answer.ok ? accepted(answer.value.problems) : answer;
        },
      }),
    },
  ],
})
export class PolicyModule {}
