import { Bundle, Lock, SignedBundle, type Trust } from '@interlock/contracts';
import { sha256Hex } from '@interlock/kernel';
import { BUNDLE_SUBJECT, lockSubject, signedBundleText, signedLiftText, signedLockText } from './control-messages.js';
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
  /** Last sequence of stream CONTROL that this state contains. */
  readonly sequence: number;
}

export interface ControlReaderOptions {
  readonly trust: Trust;
  readonly verify: VerifySignature;
  /** A message that did not verify, or a damaged stream, in one sentence. */
  readonly onProblem?: (problem: string) => void;
}

export const EMPTY_CONTROL: ControlState = { bundle: undefined, bundleHash: '', locks: new Map(), sequence: 0 };

/** Folds the messages of stream CONTROL into a state, checking each. */
export class ControlReader {
  readonly #options: ControlReaderOptions;
  /** A lock's id is used once; a lock that comes again after it was lifted is a replay. */
  readonly #lifted = new Set<string>();
  /** The newest bundle ever read: what is read after a forged one, or of a stream that was set back, cannot be older. */
  #newest = { version: 0, hash: '' };

  constructor(options: ControlReaderOptions) {
    this.#options = options;
  }

  after(state: ControlState, message: StoredMessage): ControlState {
    const moved = { ...state, sequence: message.sequence };
    if (message.subject === BUNDLE_SUBJECT) return this.#afterBundle(moved, message);
    if (message.subject.startsWith(lockSubject(''))) return this.#afterLock(moved, message);
    return this.#ignored(moved, message, 'its subject is not known');
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

  #afterLock(state: ControlState, message: StoredMessage): ControlState {
    const id = message.subject.slice(lockSubject('').length);
    const { lock, lifted, signature } = members(json(message.payload));
    if (typeof lock === 'string' && this.#isBy('identity', signedLockText(lock), signature)) return this.#locked(state, message, id, lock);
    if (typeof lifted === 'string' && this.#isBy('identity', signedLiftText(lifted), signature) && members(json(lifted)).id === id) return this.#unlocked(state, id);
    return this.#ignored(state, message, 'it is no lock signed by identity');
  }

  #locked(state: ControlState, message: StoredMessage, id: string, text: string): ControlState {
    const lock = Lock.safeParse(json(text));
    if (!lock.success || lock.data.id !== id) return this.#ignored(state, message, 'its lock does not belong here');
    if (this.#lifted.has(id)) return this.#ignored(state, message, 'this lock was lifted before');
    return { ...state, locks: new Map(state.locks).set(id, lock.data) };
  }

  #unlocked(state: ControlState, id: string): ControlState {
    this.#lifted.add(id);
    const locks = new Map(state.locks);
    locks.delete(id);
    return { ...state, locks };
  }

  #isBy(service: keyof Trust['services'], text: string, signature: unknown): boolean {
    return isBy(this.#options, service, text, signature);
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

function isBy({ trust, verify }: Pick<ControlReaderOptions, 'trust' | 'verify'>, service: keyof Trust['services'], text: string, signature: unknown): boolean {
  const key = trust.services[service]?.signingKey;
  return key !== undefined && typeof signature === 'string' && verify(key, text, signature);
}

function json(value: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof value === 'string' ? value : Buffer.from(value).toString('utf8'));
  } catch {
    return undefined;
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
