import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { ControlWriter, JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { GrantState, type Configuration, type RpcClient, type Trust } from '@interlock/contracts';
import { rolesNow } from '@interlock/domain-identity';
import type { AggregateStore, Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, KEYS, LEDGER, LOGGER, recognition, RPC_CLIENT, TRUST, type Clock, type Logger } from '@interlock/nest';
import { AccessController } from './access.controller.js';
import { AccessDesk } from './access-desk.js';
import { ApprovalController } from './approval.controller.js';
import { BatchController } from './batch.controller.js';
import { Changes } from './changes.js';
import { chatDesk } from './chat/chat-desk.provider.js';
import { ChatController } from './chat/chat.controller.js';
import { ChatSecretCheck } from './chat/secret-check.js';
import { DelegationsController } from './delegations.controller.js';
import { Delegations } from './delegations.js';
import { ApprovalDesk } from './desk.js';
import { Expiry } from './expiry.js';
import { GlassController } from './glass.controller.js';
import { GlassDesk } from './glass-desk.js';
import { Plans } from './plans.js';

/** Stream `GRANTS`, read once for all who ask. */
const GRANTS = Symbol('GRANTS');

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [ApprovalController, DelegationsController, AccessController, BatchController, GlassController, ChatController],
  providers: [
    Expiry, recognition, chatDesk, ChatSecretCheck,
    { provide: GRANTS, inject: [BUS], useFactory: (bus: Bus) => new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }) },
    { provide: Changes, inject: [GRANTS, LOGGER], useFactory: (grants: AggregateStore<GrantState>, logger: Logger) => new Changes(grants, (problem) => logger.warn('changes of approvals are told late', { problem })) },
    {
      provide: Delegations,
      inject: [BUS, LEDGER, CLOCK, CONTROL, KEYS],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, control: ControlFollower, keys: ServiceKeys) => new Delegations({
        control, ledger, writer: new ControlWriter(bus, (text) => keys.sign(text)), newId: randomUUID, nowMs: () => clock.nowMs(),
      }),
    },
    {
      provide: AccessDesk,
      inject: [BUS, LEDGER, CLOCK, CONTROL, KEYS],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, control: ControlFollower, keys: ServiceKeys) => new AccessDesk({
        control, ledger, writer: new ControlWriter(bus, (text) => keys.sign(text)), newId: randomUUID, nowMs: () => clock.nowMs(),
      }),
    },
    {
      provide: ApprovalDesk,
      inject: [GRANTS, LEDGER, CLOCK, CONTROL, TRUST, RPC_CLIENT, Delegations],
      useFactory: (grants: AggregateStore<GrantState>, ledger: Ledger, clock: Clock, control: ControlFollower, trust: Trust, rpc: RpcClient, delegations: Delegations) => new ApprovalDesk({
        grants, ledger, trust, nowMs: () => clock.nowMs(), configuration: (roles) => (roles === 'now' ? configurationNow(control, clock) : control.state.bundle?.configuration),
        inSteadOf: (delegate, delegator, request) => delegations.inSteadOf(delegate, delegator, request),
        checkSignature: ({ issuer, subject }, grantDigest, assertion) => rpc.call('vault.checkSignature', { person: { issuer, subject }, grantDigest, assertion }),
      }),
    },
    {
      provide: GlassDesk,
      inject: [GRANTS, LEDGER, CLOCK, CONTROL, TRUST, RPC_CLIENT, LOGGER],
      useFactory: (grants: AggregateStore<GrantState>, ledger: Ledger, clock: Clock, control: ControlFollower, trust: Trust, rpc: RpcClient, logger: Logger) => new GlassDesk({
        grants, ledger, trust, rpc, nowMs: () => clock.nowMs(), configuration: () => configurationNow(control, clock), warn: (message, about) => logger.warn(message, about),
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

/** The configuration in force with the roles that hold at this moment. */
function configurationNow({ state }: ControlFollower, clock: Clock): Configuration | undefined {
  return state.bundle && rolesNow(state.bundle.configuration, state.access.values(), clock.nowMs()).configuration;
}
