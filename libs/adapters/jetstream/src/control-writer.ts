import { randomBytes } from 'node:crypto';
import { LIMITS, refused, type Outcome } from '@interlock/kernel';
import type { AccessState, Lock, SignedBundle, VoteDelegation } from '@interlock/contracts';
import { settle } from './aggregate.js';
import type { Bus } from './bus.js';
import { json, members } from './control-json.js';
import { accessSubject, BUNDLE_SUBJECT, DELEGATIONS, LOCKS, signedAccessText, signedBeginning, signedBundleText, signedEnd, standingSubject, type Lifted, type Revoked, type StandingKind } from './control-messages.js';
import { ExactAppend } from './exact-append.js';
import { readStored } from './stored-message.js';

const STREAM = 'CONTROL';
/** The bus takes messages of 1 MiB; JSON in JSON grows by its escapes. */
const MESSAGE_BYTES_MAX = 1024 * 1024 - 4096;
/** One token of a subject. */
const STANDING_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Writes CONTROL: policy the bundle, identity the locks, approval the delegations and the roles for a time. The bus lets each reach only its own subjects. */
export class ControlWriter {
  readonly #bus: Bus;
  readonly #sign: (text: string) => Uint8Array;

  /** @param sign Ed25519 of the service that writes. */
  constructor(bus: Bus, sign: (text: string) => Uint8Array) {
    this.#bus = bus;
    this.#sign = sign;
  }

  /** Sequence of the newest message on `control.bundle`, 0 when there is none. @throws BusUnavailable */
  async bundleRevision(): Promise<number> {
    return (await readStored(this.#bus, STREAM, { lastOn: BUNDLE_SUBJECT }, LIMITS.rpcMs))?.sequence ?? 0;
  }

  /**
   * Signs and stores the JSON text of a bundle. Refuses with `conflict` when `control.bundle` is no longer at `expectedRevision`,
   * `bundle_too_large`, or `unavailable`.
   */
  async putBundle(bundle: string, expectedRevision: number): Promise<Outcome<{ readonly revision: number; readonly signed: SignedBundle }>> {
    const signed = { bundle, signature: this.#signature(signedBundleText(bundle)) };
    const bytes = Buffer.byteLength(JSON.stringify(signed));
    if (bytes > MESSAGE_BYTES_MAX) return refused('bundle_too_large', `The bundle has ${bytes} bytes as a message; the bus takes ${MESSAGE_BYTES_MAX}.`);
    const stored = await this.#put(BUNDLE_SUBJECT, signed, expectedRevision, 'the bundle');
    return stored.ok ? { ok: true, value: { ...stored.value, signed } } : stored;
  }

  /** Whether a lock of this id was ever set, lifted or not. @throws BusUnavailable */
  async wasUsed(lock: string): Promise<boolean> {
    return (await readStored(this.#bus, STREAM, { lastOn: subjectOf(LOCKS, lock) }, LIMITS.rpcMs)) !== undefined;
  }

  /** Refuses with `conflict` when this id was used before, or `unavailable`. */
  putLock(lock: Lock): Promise<Outcome<{ readonly revision: number }>> {
    return this.#begin(LOCKS, lock);
  }

  /** Refuses with `not_locked` when the id is not locked now, `conflict`, or `unavailable`. */
  async liftLock(lifted: Lifted): Promise<Outcome<{ readonly revision: number }>> {
    return (await this.#end(LOCKS, lifted)) ?? refused('not_locked', `Lock ${lifted.id} does not stand.`);
  }

  /** Refuses with `conflict` when this id was used before, or `unavailable`. */
  putDelegation(delegation: VoteDelegation): Promise<Outcome<{ readonly revision: number }>> {
    return this.#begin(DELEGATIONS, delegation);
  }

  /** Refuses with `not_delegated` when no delegation of this id stands, `conflict`, or `unavailable`. */
  async revokeDelegation(revoked: Revoked): Promise<Outcome<{ readonly revision: number }>> {
    return (await this.#end(DELEGATIONS, revoked)) ?? refused('not_delegated', `VoteDelegation ${revoked.id} does not stand.`);
  }

  /**
   * Signs and stores the next state of a request for a role. Refuses with `conflict` when another one of this revision is stored, or `unavailable`.
   */
  async putAccess(state: AccessState): Promise<Outcome<{ readonly revision: number }>> {
    if (!STANDING_ID.test(state.id)) throw new RangeError(`${JSON.stringify(state.id)} is no id of a request`);
    const subject = accessSubject(state.id);
    const newest = await readStored(this.#bus, STREAM, { lastOn: subject }, LIMITS.rpcMs);
    const before = newest ? members(json(String(members(json(newest.payload))['access'])))['revision'] : 0;
    if (before !== state.revision - 1) return refused('conflict', `Request ${state.id} was decided otherwise meanwhile.`, { retryable: true, hint: 'Look at it again and repeat your decision.' });
    const text = JSON.stringify(state);
    return this.#put(subject, { access: text, signature: this.#signature(signedAccessText(text)) }, newest?.sequence ?? 0, `request ${state.id}`);
  }

  #begin<T extends { readonly id: string }>(kind: StandingKind<T>, record: T): Promise<Outcome<{ readonly revision: number }>> {
    const text = JSON.stringify(record);
    return this.#put(subjectOf(kind, record.id), { [kind.name]: text, signature: this.#signature(signedBeginning(kind, text)) }, 0, `${kind.name} ${record.id}`);
  }

  /** Undefined where nothing of this id stands. */
  async #end<T extends { readonly id: string }>(kind: StandingKind<T>, end: { readonly id: string }): Promise<Outcome<{ readonly revision: number }> | undefined> {
    const subject = subjectOf(kind, end.id);
    const newest = await readStored(this.#bus, STREAM, { lastOn: subject }, LIMITS.rpcMs);
    if (!newest || kind.ended in members(json(newest.payload))) return undefined;
    const text = JSON.stringify(end);
    return this.#put(subject, { [kind.ended]: text, signature: this.#signature(signedEnd(kind, text)) }, newest.sequence, `${kind.name} ${end.id}`);
  }

  #put(subject: string, message: object, expected: number, what: string): Promise<Outcome<{ readonly revision: number }>> {
    const payload = Buffer.from(JSON.stringify(message), 'utf8');
    const append = new ExactAppend(this.#bus, {
      stream: STREAM, subject, payload, messageId: randomBytes(16).toString('hex'), readBack: (after) => ({ from: after + 1, on: subject }),
    });
    return settle(this.#bus, append, expected, what);
  }

  #signature(text: string): string {
    return Buffer.from(this.#sign(text)).toString('base64');
  }
}

function subjectOf<T extends { readonly id: string }>(kind: StandingKind<T>, id: string): string {
  if (!STANDING_ID.test(id)) throw new RangeError(`${JSON.stringify(id)} is no ${kind.name} id: letters, digits, dash and underscore, at most 64`);
  return standingSubject(kind, id);
}
