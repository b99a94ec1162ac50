import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { sealFor, type ServiceKeys } from '@interlock/adapter-sealing';
import type { RpcClient, Trust } from '@interlock/contracts';
import { CLOCK, CONTROL, KEYS, LOGGER, RPC_CLIENT, TRUST, type Clock, type Logger } from '@interlock/nest';
import type { DoorPorts } from './door.js';
import { DOOR_PORTS, HttpListener } from './http-listener.js';
import { unreadyServices } from './readiness.js';

/** The only place of this service where ports meet adapters. */
@Module({
  providers: [
    HttpListener,
    { provide: DOOR_PORTS, inject: [RPC_CLIENT, TRUST, KEYS, CONTROL, CLOCK, LOGGER], useFactory: doorPorts },
  ],
})
export class ApiModule {}

function doorPorts(rpc: RpcClient, trust: Trust, keys: ServiceKeys, control: ControlFollower, clock: Clock, logger: Logger): DoorPorts {
  const verifier = new OidcTokenVerifier(clock);
  const configuration = () => control.state.bundle?.configuration;
  return {
    rpc, configuration, version: '0.1.0',
    verify: (token) => verifier.verify(token, configuration()?.issuers ?? []),
    seal: (service, purpose, text) => sealFor(trust, service, purpose, Buffer.from(text)),
    open: (box, purpose) => keys.open(box, purpose),
    unready: () => unreadyServices(rpc),
    onFault: (fault) => {
      const id = randomUUID();
      logger.error('a request failed', { id, fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault) });
      return id;
    },
  };
}
