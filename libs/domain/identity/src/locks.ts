import { accepted, refused, unreachable, type Outcome } from '@interlock/kernel';
import type { Configuration, Lock, Principal } from '@interlock/contracts';
import { allowedTo } from './allowed-to.js';
import { asOfNow } from './as-of-now.js';
import { independentThenAndNow } from './independent-then-and-now.js';
import { partyOfName } from './party.js';
import { shownName } from './shown-name.js';

/** An identifier of a session: which ones live, only their connectors know. */
const SESSION = /^[\w.:-]{1,128}$/;
/** One instance of a connector: which ones run, only the bus knows. */
const CONNECTOR = /^connector-[a-z0-9-]{1,48}\/[a-z0-9-]{1,32}$/;
/** A reason is told to everyone the lock stops, and lies in a stream that everyone follows. */
const REASON_CHARACTERS = 500;

/** What a lock may stop: someone, at a target, in a session, through a connector. */
export interface LockSubject {
  readonly principal: Principal;
  readonly target?: string;
  readonly session?: string;
  /** `<service>/<instance>`; the service alone, where the instance is not known, is stopped by a lock on any of its instances. */
  readonly connector?: string;
}

/** The first lock that stands against the subject, or undefined. */
export function lockAgainst(subject: LockSubject, locks: Iterable<Lock>): Lock | undefined {
  for (const lock of locks) if (stops(lock, subject)) return lock;
  return undefined;
}

/** The lock on someone themselves, wherever they are: what still counts where a lock on everything must not, to lift it. */
export function lockOnPerson(principal: Principal, locks: Iterable<Lock>): Lock | undefined {
  return lockAgainst({ principal }, [...locks].filter((lock) => lock.scope === 'principal' || lock.scope === 'party'));
}

/** The refusal that a standing lock gives, in words for whoever it stops. */
export function refusedByLock(lock: Lock): ReturnType<typeof refused> {
  const what = lock.scope === 'everything' ? 'Everything' : `The ${lock.scope} ${lock.subject}`;
  return refused('locked', `${what} is locked by ${lock.by} since ${lock.at}: ${lock.reason}`, { hint: 'Two independent people with the role for locks can lift it.' });
}

function stops(lock: Lock, subject: LockSubject): boolean {
  const { principal } = subject;
  switch (lock.scope) {
    case 'everything':
      return true;
    case 'principal':
      return lock.subject === principal.name || (principal.actors ?? []).includes(lock.subject);
    case 'party':
      return principal.party.length === 0 || principal.party.includes(lock.subject);
    case 'target':
      return lock.subject === subject.target;
    case 'session':
      return lock.subject === subject.session;
    case 'connector':
      return lock.subject === subject.connector || serviceIn(lock.subject) === subject.connector;
    default:
      return unreachable(lock.scope);
  }
}

function serviceIn(connector: string): string {
  return connector.slice(0, connector.indexOf('/'));
}

/** A lock someone wants to set. */
export type LockWish = Pick<Lock, 'scope' | 'subject' | 'reason'>;

/**
 * Whether this principal may set this lock: anyone with the role for locks, and everyone for what is their own: an
 * agent they stand behind, or all that they stand behind.
 */
export function mayLock(principal: Principal, wish: LockWish, configuration: Configuration): Outcome<LockWish> {
  const problem = wishProblem(wish, configuration);
  if (problem) return problem;
  if (principal.kind === 'human' && isOwn(principal, wish, configuration)) return accepted(wish);
  const allowed = allowedTo(principal, 'locks', configuration);
  return allowed.ok ? accepted(wish) : allowed;
}

function wishProblem(wish: LockWish, configuration: Configuration): Outcome<LockWish> | undefined {
  if (!isKnown(wish, configuration)) {
    return refused('lock_subject_unknown', `There is no ${wish.scope} ${shownName(wish.subject)} to lock.`, { hint: 'Check the name; the subject of everything is empty.' });
  }
  return reasonProblem(wish.reason);
}

function reasonProblem(reason: string): Outcome<LockWish> | undefined {
  if (reason.trim() === '') return refused('lock_reason_missing', 'A lock needs a reason, one sentence for those it stops.');
  if (reason.length <= REASON_CHARACTERS && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(reason)) return undefined;
  return refused('lock_reason_invalid', `The reason of a lock is one line of at most ${REASON_CHARACTERS} characters.`);
}

/** What policy may lock without a person: one instance of a connector, whatever the configuration says. */
export function connectorLock(connector: string, instance: string, reason: string): Outcome<LockWish> {
  const subject = `${connector}/${instance}`;
  if (!CONNECTOR.test(subject)) return refused('lock_subject_unknown', `There is no connector ${shownName(subject)} to lock.`);
  return reasonProblem(reason) ?? accepted({ scope: 'connector', subject, reason });
}

function isKnown(wish: LockWish, configuration: Configuration): boolean {
  switch (wish.scope) {
    case 'everything':
      return wish.subject === '';
    case 'principal':
      return configuration.principals.some((entry) => entry.name === wish.subject);
    case 'party':
      return partyOfName(wish.subject, configuration)?.has(wish.subject) === true;
    case 'target':
      return configuration.targets.some((target) => target.name === wish.subject);
    case 'session':
      return SESSION.test(wish.subject);
    case 'connector':
      return CONNECTOR.test(wish.subject);
    default:
      return unreachable(wish.scope);
  }
}

function isOwn(principal: Principal, wish: LockWish, configuration: Configuration): boolean {
  if (wish.scope === 'party') return principal.party.includes(wish.subject);
  if (wish.scope !== 'principal') return false;
  const party = partyOfName(wish.subject, configuration);
  return party !== undefined && principal.party.some((human) => party.has(human));
}

/** The first of the two words that lift a lock. */
export interface UnlockProposal {
  readonly by: Principal;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** How long a first word waits for the second. */
export const UNLOCK_PROPOSAL_MS = 60 * 60 * 1_000;

/**
 * Whether a first word still counts now: it is not too old, and who gave it is still a principal, still has the role and
 * is not locked. Roles of the configuration are looked up again; those that only a token carried are as they were.
 */
export function stillCounts(proposal: UnlockProposal, nowMs: number, locks: Iterable<Lock>, configuration: Configuration): boolean {
  const by = asOfNow(proposal.by, configuration);
  return by !== undefined && !lockOnPerson(by, locks) && nowMs - proposal.atMs < UNLOCK_PROPOSAL_MS && allowedTo(by, 'locks', configuration).ok;
}

/** What a call to unlock does: it is the first word, or it is the second of two. */
export type UnlockStep = { readonly kind: 'proposed'; readonly by: Principal } | { readonly kind: 'lifted'; readonly by: readonly [string, string] };

/**
 * Unlocking takes two people who share no human, both with the role for locks, neither of them behind what is locked.
 * A repeated first word stays a first word.
 */
export function decideUnlock(lock: Lock, proposer: Principal | undefined, principal: Principal, configuration: Configuration): Outcome<UnlockStep> {
  const allowed = allowedTo(principal, 'locks', configuration);
  if (!allowed.ok) return allowed;
  if (isBehind(principal, lock, configuration)) {
    return refused('not_independent', `${principal.name} stands behind what lock ${lock.id} stops and may not take part in lifting it.`);
  }
  if (!proposer || proposer.name === principal.name) return accepted({ kind: 'proposed', by: principal });
  const apart = independentThenAndNow(proposer, principal, configuration);
  return apart.ok ? accepted({ kind: 'lifted', by: [proposer.name, principal.name] }) : apart;
}

function isBehind(principal: Principal, lock: Lock, configuration: Configuration): boolean {
  if (lock.scope === 'party') return principal.party.includes(lock.subject);
  if (lock.scope !== 'principal') return false;
  const party = partyOfName(lock.subject, configuration);
  return party === undefined ? principal.name === lock.subject : principal.party.some((human) => party.has(human));
}
