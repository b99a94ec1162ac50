import { AccessState, Bundle, SignedBundle, type VoteDelegation, type Lock, type Trust } from '@interlock/contracts';
import { sha256Hex } from '@interlock/kernel';
import { json, members } from './control-json.js';
import { accessSubject, BUNDLE_SUBJECT, DELEGATIONS, LOCKS, signedAccessText, signedBundleText } from './control-messages.js';
import { StandingReader } from './standing-reader.js';
import type { StoredMessage } from './stored-message.js';

/** Whether a base64 Ed25519 signature of `text` is by the owner of the raw base64 public key: `verifySignature` of adapter-sealing. */
export type VerifySignature = (publicKey: string, text: string, signature: string) => boolean;

/** What the control plane says at this moment, every signature checked. */
export interface ControlState {
  /** The newest that verified; undefined before the first: then nothing is known, so nothing is allowed. */
  readonly bundle: Bundle | undefined;
  /** SHA-256 of the bundle's text, hexadecimal; empty without a bundle. */
  readonly bundleHash: string;
  /** What was said after it and is not taken, in one sentence; until the next good bundle. */
  readonly problem?: string;
  readonly locks: ReadonlyMap<string, Lock>;
  /** Those that were not revoked; each says itself from when until when it stands. */
  readonly delegations: ReadonlyMap<string, VoteDelegation>;
  /** Requests for roles that wait, and roles for a time that were granted and not ended; each says itself from when until when it holds. */
  readonly access: ReadonlyMap<string, AccessState>;
  /** Last sequence of stream CONTROL that this state contains. */
  readonly sequence: number;
}

export interface ControlReaderOptions {
  readonly trust: Trust;
  readonly verify: VerifySignature;
  /** A message that did not verify, or a damaged stream, in one sentence. */
  readonly onProblem?: (problem: string) => void;
}

export const EMPTY_CONTROL: ControlState = { bundle: undefined, bundleHash: '', locks: new Map(), delegations: new Map(), access: new Map(), sequence: 0 };

/** Folds the messages of stream CONTROL into a state, checking each. */
export class ControlReader {
  readonly #options: ControlReaderOptions;
  readonly #standing: { readonly locks: StandingReader<Lock>; readonly delegations: StandingReader<VoteDelegation> };
  /** The newest state ever read of each request for a role. */
  readonly #accessRevisions = new Map<string, number>();
  /** The newest bundle ever read: what is read after a forged one, or of a stream that was set back, cannot be older. */
  #newest = { version: 0, hash: '' };

  constructor(options: ControlReaderOptions) {
    this.#options = options;
    const signed: ConstructorParameters<typeof StandingReader>[1] = (service, text, signature) => isBy(options, service, text, signature);
    this.#standing = { locks: new StandingReader(LOCKS, signed), delegations: new StandingReader(DELEGATIONS, signed) };
  }

  after(state: ControlState, message: StoredMessage): ControlState {
    const moved = { ...state, sequence: message.sequence };
    if (message.subject === BUNDLE_SUBJECT) return this.#afterBundle(moved, message);
    if (message.subject.startsWith(accessSubject(''))) return this.#afterAccess(moved, message);
    return this.#afterStanding(moved, message) ?? this.#ignored(moved, message, 'its subject is not known');
  }

  #afterBundle(state: ControlState, message: StoredMessage): ControlState {
    const read = readBundle(message, this.#options);
    if (!read) {
      return this.#refused(state, message, 'it is no bundle signed by policy');
    }
    const { bundle, hash } = read;
    const { version } = bundle;
    const again = version === this.#newest.version && hash === this.#newest.hash;
    if (version <= this.#newest.version && !again) return this.#refused(state, message, `its version ${version} is not newer than ${this.#newest.version}`);
    this.#newest = { version, hash };
    const { problem: _settled, ...rest } = state;
    return { ...rest, bundle, bundleHash: hash };
  }

  /** The bundle in force stays: people agreed to it, and nobody to what came after it. */
  #refused(state: ControlState, message: StoredMessage, why: string): ControlState {
    const stays = state.bundle ? `version ${state.bundle.version} stays in force` : 'there is no bundle';
    return this.#ignored({ ...state, problem: `the newest message for the bundle is not taken, for ${why}; ${stays}` }, message, why);
  }

  /** What stands of one kind, in a state of its own; undefined where the message is of no such kind. */
  #afterStanding(state: ControlState, message: StoredMessage): ControlState | undefined {
    for (const kind of ['locks', 'delegations'] as const) {
      if (!this.#standing[kind].reads(message)) continue;
      const after = kind === 'locks' ? this.#standing.locks.after(state.locks, message) : this.#standing.delegations.after(state.delegations, message);
      return 'ignored' in after ? this.#ignored(state, message, after.ignored) : { ...state, [kind]: after.standing };
    }
    return undefined;
  }

  #afterAccess(state: ControlState, message: StoredMessage): ControlState {
    const read = readAccess(message, this.#options);
    if (!read || accessSubject(read.id) !== message.subject) return this.#ignored(state, message, 'it is no request for a role that approval signed and that belongs here');
    if (read.revision <= (this.#accessRevisions.get(read.id) ?? 0)) return this.#ignored(state, message, `its revision ${read.revision} is not newer than what was read`);
    this.#accessRevisions.set(read.id, read.revision);
    const access = new Map(state.access);
    if (read.status === 'pending' || read.status === 'granted') access.set(read.id, read);
    else access.delete(read.id);
    return { ...state, access };
  }

  #ignored(state: ControlState, message: StoredMessage, why: string): ControlState {
    this.#options.onProblem?.(`Message ${message.sequence} of CONTROL on ${message.subject} is ignored: ${why}.`);
    return state;
  }
}

/** The bundle in a message; undefined when it is none that policy signed. */
export function readBundle({ payload }: Pick<StoredMessage, 'payload'>, options: Pick<ControlReaderOptions, 'trust' | 'verify'>): { readonly bundle: Bundle; readonly hash: string } | undefined {
  const signed = SignedBundle.safeParse(json(payload));
  if (!signed.success || !isBy(options, 'policy', signedBundleText(signed.data.bundle), signed.data.signature)) return undefined;
  const bundle = Bundle.safeParse(json(signed.data.bundle));
  return bundle.success ? { bundle: bundle.data, hash: sha256Hex(signed.data.bundle) } : undefined;
}

/** The state of a request for a role in a message; undefined when it is none that approval signed. */
export function readAccess({ payload }: Pick<StoredMessage, 'payload'>, options: Pick<ControlReaderOptions, 'trust' | 'verify'>): AccessState | undefined {
  const { access, signature } = members(json(payload));
  if (typeof access !== 'string' || !isBy(options, 'approval', signedAccessText(access), signature)) return undefined;
  const state = AccessState.safeParse(json(access));
  return state.success ? state.data : undefined;
}

function isBy({ trust, verify }: Pick<ControlReaderOptions, 'trust' | 'verify'>, service: keyof Trust['services'], text: string, signature: unknown): boolean {
  const key = trust.services[service]?.signingKey;
  return key !== undefined && typeof signature === 'string' && verify(key, text, signature);
}
