import { VoteDelegation, Lock, type Trust } from '@interlock/contracts';
import type { Schema } from './aggregate.js';

/** A lock ends: who lifted it, and when. */
export interface Lifted {
  readonly id: string;
  readonly by: readonly string[];
  readonly at: string;
}

/** A delegation ends before its time: who revoked it, and when. */
export interface Revoked {
  readonly id: string;
  readonly by: string;
  readonly at: string;
}

/** Subjects of stream CONTROL. */
export const BUNDLE_SUBJECT = 'control.bundle';

/** What is signed: the label keeps a signature for one use from being one for another. */
export const signedBundleText = (bundle: string): string => `interlock-bundle/v1\n${bundle}`;

/** A kind of record that stands, on a subject of its own, from its one first message until a second one ends it. One service signs both. */
export interface StandingKind<T extends { readonly id: string }> {
  /** What it is called, in subjects, messages and sentences. */
  readonly name: string;
  /** What became of it when it ended; also the member of the message that ends it. */
  readonly ended: string;
  readonly by: keyof Trust['services'];
  readonly schema: Schema<T>;
  /** Labels of what is signed, one for the beginning and one for the end. */
  readonly labels: readonly [string, string];
}

export const LOCKS: StandingKind<Lock> = { name: 'lock', ended: 'lifted', by: 'identity', schema: Lock, labels: ['interlock-lock/v1', 'interlock-unlock/v1'] };
export const DELEGATIONS: StandingKind<VoteDelegation> = {
  name: 'delegation', ended: 'revoked', by: 'approval', schema: VoteDelegation, labels: ['interlock-delegation/v1', 'interlock-delegation-revoked/v1'],
};

export const standingSubject = ({ name }: Pick<StandingKind<never>, 'name'>, id: string): string => `control.${name}.${id}`;
export const signedBeginning = ({ labels }: Pick<StandingKind<never>, 'labels'>, text: string): string => `${labels[0]}\n${text}`;
export const signedEnd = ({ labels }: Pick<StandingKind<never>, 'labels'>, text: string): string => `${labels[1]}\n${text}`;

/** Where the whole state of a request for a role lies, each one signed by approval. */
export const accessSubject = (id: string): string => `control.access.${id}`;
export const signedAccessText = (access: string): string => `interlock-access/v1\n${access}`;
