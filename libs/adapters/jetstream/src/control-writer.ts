import type { Outcome } from '@interlock/kernel';
import type { Lock, SignedBundle } from '@interlock/contracts';
import type { Bus } from './bus.js';

/** A lock ends: who lifted it and when. */
export interface Lifted {
  readonly id: string;
  readonly by: readonly string[];
  readonly at: string;
}

/** Writes CONTROL: policy the bundle, identity the locks; each account can reach only its own subjects. */
export class ControlWriter {
  constructor(readonly bus: Bus, readonly sign: (text: string) => Uint8Array) {}
  /** Sequence of the newest message on `control.bundle`, 0 when there is none. */
  bundleRevision(): Promise<number> {
    return Promise.reject(new Error('not connected'));
  }
  /** Signs and stores the bundle's JSON text. Refuses with `conflict` when `control.bundle` is no longer at `expectedRevision`. */
  putBundle(_bundle: string, _expectedRevision: number): Promise<Outcome<{ readonly revision: number; readonly signed: SignedBundle }>> {
    return Promise.reject(new Error('not connected'));
  }
  /** Refuses with `conflict` when this id was used before. */
  putLock(_lock: Lock): Promise<Outcome<{ readonly revision: number }>> {
    return Promise.reject(new Error('not connected'));
  }
  /** Refuses with `not_locked` when the id is not locked now. */
  liftLock(_lifted: Lifted): Promise<Outcome<{ readonly revision: number }>> {
    return Promise.reject(new Error('not connected'));
  }
}
