import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { GrantState, type RpcClient, type Trust } from '@interlock/contracts';
import type { AggregateStore, Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, LEDGER, LOGGER, recognition, RPC_CLIENT, TRUST, type Clock, type Logger } from '@interlock/nest';
import { ApprovalController } from './approval.controller.js';
import { Changes } from './changes.js';
import { chatDesk } from './chat/chat-desk.provider.js';
import { ChatController } from './chat/chat.controller.js';
import { ChatSecretCheck } from './chat/secret-check.js';
import { ApprovalDesk } from './desk.js';
import { Expiry } from './expiry.js';
import { Plans } from './plans.js';

/** Stream `GRANTS`, read once for all who ask. */
const GRANTS = Symbol('GRANTS');

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [ApprovalController, ChatController],
  providers: [
    Expiry, recognition, chatDesk, ChatSecretCheck,
    { provide: GRANTS, inject: [BUS], useFactory: (bus: Bus) => new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }) },
    { provide: Changes, inject: [GRANTS, LOGGER], useFactory: (grants: AggregateStore<GrantState>, logger: Logger) => new Changes(grants, (problem) => logger.warn('changes of approvals are told late', { problem })) },
    {
      provide: ApprovalDesk,
      inject: [GRANTS, LEDGER, CLOCK, CONTROL, TRUST, RPC_CLIENT],
      useFactory: (grants: AggregateStore<GrantState>, ledger: Ledger, clock: Clock, control: ControlFollower, trust: Trust, rpc: RpcClient) => new ApprovalDesk({
        grants, ledger, trust, nowMs: () => clock.nowMs(), configuration: () => control.state.bundle?.configuration,
        checkSignature: ({ issuer, subject }, grantDigest, assertion) => rpc.call('vault.checkSignature', { person: { issuer, subject }, grantDigest, assertion }),
      }),
    },
    {
      provide: Plans,
      inject: [ApprovalDesk, RPC_CLIENT, CLOCK],
      useFactory: (desk: ApprovalDesk, rpc: RpcClient, clock: Clock) => new Plans({ desk, rpc, newId: () => randomUUID(), nowMs: () => clock.nowMs() }),
    },
  ],
})
export class ApprovalModule {}
