/** A lock ends: who lifted it, and when. */
export interface Lifted {
  readonly id: string;
  readonly by: readonly string[];
  readonly at: string;
}

/** Subjects of stream CONTROL. */
export const BUNDLE_SUBJECT = 'control.bundle';
export const lockSubject = (id: string): string => `control.lock.${id}`;

/** What is signed, per kind of message: the label keeps a signature for one use from being one for another. */
export const signedBundleText = (bundle: string): string => `interlock-bundle/v1\n${bundle}`;
export const signedLockText = (lock: string): string => `interlock-lock/v1\n${lock}`;
export const signedLiftText = (lifted: string): string => `interlock-unlock/v1\n${lifted}`;
