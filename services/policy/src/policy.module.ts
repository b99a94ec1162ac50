import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Module, type Provider } from '@nestjs/common';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { BundleHistory, ControlWriter, JetStreamAggregate, JetStreamLedgerReader, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { createEventOpener, producerVerifier, RevealedKeys, verifySignature, type EventOpener, type ServiceKeys } from '@interlock/adapter-sealing';
import { ChangeRecord, type RpcClient, type Trust } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import { TighteningCompiler } from '@interlock/domain-policy';
import { accepted, type Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, KEYS, LEDGER, LOGGER, RPC_CLIENT, SERVICE, TRUST, recognition, type Clock, type Logger, type ServiceIdentity } from '@interlock/nest';
import { Backtests } from './backtest/backtests.js';
import { ChangeDesk } from './changes/change-desk.js';
import { ControlStream } from './control-stream.js';
import { Explainer } from './explain/explainer.js';
import { Healer } from './healer.js';
import { PolicyController } from './policy.controller.js';
import { DecisionReader } from './second/decision-reader.js';
import { Incidents } from './second/incidents.js';
import { OpenSessions } from './second/open-sessions.js';
import { PlaceFile, type PlaceState } from './second/place-file.js';
import { SecondDecision } from './second/second-decision.js';
import { SecondJudge } from './second/second-judge.js';
import { Tally } from './second/tally.js';
import { Watchman } from './second/watchman.js';

const PLACE_FILE = Symbol('PLACE_FILE');
const PLACE = Symbol('PLACE');

/** The second decision over recorded commands. */
const second: Provider[] = [
  Watchman,
  { provide: PLACE_FILE, inject: [SERVICE], useFactory: ({ stateDir }: ServiceIdentity) => new PlaceFile(join(stateDir, 'second-decision.json')) },
  { provide: PLACE, inject: [PLACE_FILE], useFactory: async (file: PlaceFile) => ({ state: await file.load() }) },
  { provide: Tally, inject: [PLACE], useFactory: ({ state }: { readonly state: PlaceState | undefined }) => new Tally(state?.tally) },
  {
    provide: RevealedKeys, inject: [RPC_CLIENT, KEYS],
    useFactory: (rpc: RpcClient, keys: ServiceKeys) => new RevealedKeys({ rpc, keys, from: 'recorder.revealDecisionKeys', make: createEventOpener }),
  },
  {
    provide: SecondJudge,
    inject: [BUS, TRUST, CONTROL],
    useFactory: (bus: Bus, trust: Trust, control: ControlFollower) =>
      new SecondJudge(new BundleHistory(bus, { trust, verify: verifySignature }), new TighteningCompiler(new CedarJudgeCompiler()), () => control.state.bundle?.version ?? 0),
  },
  {
    provide: SecondDecision,
    inject: [BUS, LEDGER, RPC_CLIENT, TRUST, LOGGER, PLACE_FILE, PLACE, Tally, RevealedKeys, SecondJudge],
    useFactory: (
      bus: Bus, ledger: Ledger, rpc: RpcClient, trust: Trust, log: Logger, place: PlaceFile, { state }: { readonly state: PlaceState | undefined }, tally: Tally, keys: RevealedKeys<EventOpener>, judge: SecondJudge,
    ) => new SecondDecision({
      ledger: new JetStreamLedgerReader(bus), decisions: new DecisionReader(keys, producerVerifier(trust), new OpenSessions(state?.sessions)), judge,
      incidents: new Incidents(rpc, ledger), place, tally, log,
    }, state?.position),
  },
];

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [PolicyController],
  providers: [
    Healer, recognition, ...second,
    {
      provide: Backtests,
      inject: [BUS, LEDGER, CONTROL, TRUST, CLOCK, RevealedKeys],
      useFactory: (bus: Bus, ledger: Ledger, control: ControlFollower, trust: Trust, clock: Clock, keys: RevealedKeys<EventOpener>) => new Backtests({
        recorded: new JetStreamLedgerReader(bus), keys, ledger, verify: producerVerifier(trust), nowMs: () => clock.nowMs(), versionInForce: () => control.state.bundle?.version ?? 0,
      }),
    },
    {
      provide: Explainer,
      inject: [CONTROL, CLOCK],
      useFactory: (control: ControlFollower, clock: Clock) => new Explainer(new TighteningCompiler(new CedarJudgeCompiler()), () => control.state.bundle, () => clock.nowMs(), () => control.state.access.values()),
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
        elevatedTargets: async () => {
          const answer = await rpc.call('vault.elevatedTargets', {});
          return answer.ok ? accepted(answer.value.targets) : answer;
        },
      }),
    },
  ],
})
export class PolicyModule {}
