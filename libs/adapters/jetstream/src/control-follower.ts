import type { Bundle, Lock, Trust } from '@interlock/contracts';
import type { Bus } from './bus.js';

/** Whether a base64 Ed25519 signature of `text` is by the owner of the raw base64 public key: `verifySignature` of adapter-sealing. */
export type VerifySignature = (publicKey: string, text: string, signature: string) => boolean;

/** What the control plane says at this moment, every signature checked. */
export interface ControlState {
  readonly bundle: Bundle | undefined;
  /** SHA-256 of the bundle's text, hexadecimal; empty without a bundle. */
  readonly bundleHash: string;
  readonly locks: ReadonlyMap<string, Lock>;
  /** Last sequence of stream CONTROL that this state contains. */
  readonly sequence: number;
}

export interface ControlFollowerOptions {
  readonly trust: Trust;
  readonly verify: VerifySignature;
  /** A message that did not verify: what, in one sentence. */
  readonly onProblem?: (problem: string) => void;
}

export class ControlFollower {
  readonly state: ControlState = { bundle: undefined, bundleHash: '', locks: new Map(), sequence: 0 };
  /** Resolves once everything that CONTROL held at that moment is in `state`. */
  static start(bus: Bus, _options: ControlFollowerOptions): Promise<ControlFollower> {
    return Promise.reject(new Error(bus.name));
  }
  /** Calls `listener` after every change of `state`; the result ends that. */
  onChange(_listener: (state: ControlState) => void): () => void {
    return () => undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
