import { Inject, Injectable } from '@nestjs/common';
import { accepted, refused, type Ledger, type Outcome } from '@interlock/kernel';
import { draft, type SealedBox, type SecretKind } from '@interlock/contracts';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { shownName, type Recognised } from '@interlock/domain-identity';
import { CLOCK, KEYS, LEDGER, type Clock } from '@interlock/nest';
import { SECRETS } from './secrets.js';
import { isCredential, type SecretStore } from './secret-store.js';

/** Takes secrets in. What was set and by whom is in the ledger before it counts; what it is, is nowhere in clear. */
@Injectable()
export class SecretsDesk {
  constructor(
    @Inject(SECRETS) private readonly secrets: SecretStore,
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(KEYS) private readonly keys: ServiceKeys,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async set({ principal, configuration }: Recognised, target: string, kind: SecretKind, sealed: SealedBox): Promise<Outcome<{ readonly target: string; readonly kind: string }>> {
    if (!configuration.targets.some((known) => known.name === target)) {
      return refused('target_unknown', `The configuration has no target ${shownName(target)}.`, { hint: 'Add the target to interlock.yaml and apply it first.' });
    }
    const opened = this.keys.open(sealed, 'secret');
    if (!opened.ok) return opened;
    try {
      return await this.#store(principal.name, target, kind, opened.value);
    } finally {
      opened.value.fill(0);
    }
  }

  async #store(setBy: string, target: string, kind: SecretKind, plaintext: Buffer): Promise<Outcome<{ readonly target: string; readonly kind: string }>> {
    if (!isCredential(plaintext)) {
      return refused('secret_malformed', 'The secret is not an object with user (1 to 128 characters) and password (at most 4096), and nothing else.');
    }
    await this.ledger.append([draft('secret.set.v1', { target, by: setBy, kind })]);
    const stored = await this.secrets.put({ target, kind, setBy, setAt: new Date(this.clock.nowMs()).toISOString() }, plaintext);
    return stored.ok ? accepted({ target, kind }) : stored;
  }
}
