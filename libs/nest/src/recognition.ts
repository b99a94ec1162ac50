import type { Provider } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { Recognition } from '@interlock/domain-identity';
import { CLOCK, CONTROL, KEYS, type Clock } from './tokens.js';

/** `Recognition` for a service that acts on a person's word: by its own keys and its own view of the control plane. */
export const recognition: Provider<Recognition> = {
  provide: Recognition,
  inject: [KEYS, CONTROL, CLOCK],
  useFactory: (keys: ServiceKeys, control: ControlFollower, clock: Clock) => new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control, nowMs: () => clock.nowMs() }),
};
