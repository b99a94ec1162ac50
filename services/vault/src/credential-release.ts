import { accepted, refused, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';
import { draft, type SealedBox, type SecretKind, type Trust } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { seal } from '@interlock/adapter-sealing';
import { connectorOf, lockAgainst, nameOrNothing, refusedByLock, type Recognised, type Recognition } from '@interlock/domain-identity';
import type { ElevatedGrants } from './signed/elevated-grants.js';
import type { SecretStore } from './secret-store.js';

/** What a connector asks for, on behalf of the principal whose token it hands on. */
export interface ReleaseWish {
  readonly token: SealedBox;
  readonly session: string;
  readonly connector: string;
  /** Which of its instances. */
  readonly instance?: string | undefined;
  readonly target: string;
  readonly kind: SecretKind;
  /** The grant that an elevated one is for. */
  readonly grant?: string | undefined;
}

export interface ReleasePorts {
  readonly recognition: Recognition;
  readonly secrets: Pick<SecretStore, 'open'>;
  readonly ledger: Ledger;
  readonly control: Pick<ControlFollower, 'state'>;
  readonly trust: Trust;
  readonly elevated: Pick<ElevatedGrants, 'take'>;
}

/**
 * Gives one credential to one connector for one session, and an elevated one for one grant that people have signed: only on the principal's own token, which the vault verifies
 * itself, only while no lock stands, and only after the ledger has acknowledged that it is given.
 */
export class CredentialRelease {
  readonly #ports: ReleasePorts;

  constructor(ports: ReleasePorts) {
    this.#ports = ports;
  }

  async release(wish: ReleaseWish): Promise<Outcome<{ readonly credential: SealedBox }>> {
    const receiver = connectorOf(wish.connector, this.#ports.trust)?.sealingKey;
    if (receiver === undefined) return this.#refuse(wish, { reason: 'connector_unknown', detail: 'No connector of this name belongs to this installation.' });
    const recognised = await this.#ports.recognition.recognise(wish.token);
    if (!recognised.ok) return this.#refuse(wish, recognised.refusal);
    const admitted = this.#admit(recognised.value, wish);
    if (!admitted.ok) return this.#refuse(wish, admitted.refusal);
    const opened = await this.#ports.secrets.open(wish.target, wish.kind);
    if (!opened.ok) return this.#refuse(wish, opened.refusal);
    const agreed = wish.kind === 'elevated' ? await this.#ports.elevated.take(wish, recognised.value) : accepted(undefined);
    if (!agreed.ok) {
      opened.value.fill(0);
      return this.#refuse(wish, agreed.refusal);
    }
    try {
      return await this.#give(wish, recognised.value.principal.name, receiver, opened.value);
    } finally {
      opened.value.fill(0);
    }
  }

  #admit({ principal, configuration }: Recognised, { target, session, connector, instance }: ReleaseWish): Outcome<true> {
    if (!configuration.targets.some((known) => known.name === target)) return refused('target_unknown', 'The configuration in force has no such target.');
    const carrier = instance === undefined ? connector : `${connector}/${instance}`;
    const lock = lockAgainst({ principal, target, session, connector: carrier }, this.#ports.control.state.locks.values());
    return lock ? refusedByLock(lock) : accepted(true);
  }

  async #give(wish: ReleaseWish, principal: string, receiver: string, credential: Buffer): Promise<Outcome<{ readonly credential: SealedBox }>> {
    const { target, connector, kind, session, grant } = wish;
    const released = { target, connector, principal, kind, ...(kind === 'elevated' && grant !== undefined && { grant }) };
    await this.#ports.ledger.append([draft('credential.released.v1', released, { session })]);
    return accepted({ credential: seal(receiver, 'credential', credential) });
  }

  async #refuse({ target, connector, session }: ReleaseWish, refusal: Refusal): Promise<Outcome<never>> {
    const { reason, detail } = refusal;
    await this.#ports.ledger.append([draft('credential.refused.v1', { target: nameOrNothing(target), connector: nameOrNothing(connector), reason, detail }, { session })]);
    return { ok: false, refusal };
  }
}
