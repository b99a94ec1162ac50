import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { ChangeState, PolicyFile, Principal } from '@interlock/contracts';

/**
 * One proposed change's life:
 *
 *     pending ─approve─▶ approved ─▶ applied
 *        │  ◀─(its version was taken)─┘
 *        └─deny─▶ denied
 *
 * The first configuration of an installation is proposed and approved in one step: the recorded bootstrap.
 */
export type ChangeCommand =
  | { readonly kind: 'propose'; readonly proposal: Proposal; readonly inForce: InForce | undefined; readonly mayChange: Outcome<unknown> }
  | { readonly kind: 'approve'; readonly by: Principal; readonly at: string; readonly digest: string | undefined; readonly inForce: InForce | undefined; readonly mayChange: Outcome<unknown>; readonly independentOfAuthor: Outcome<unknown> }
  | { readonly kind: 'deny'; readonly by: Principal; readonly at: string; readonly mayChange: Outcome<unknown> }
  | { readonly kind: 'record' }
  | { readonly kind: 'apply' }
  /** Another change took the version that this one was to become. */
  | { readonly kind: 'return' };

export interface Proposal {
  readonly change: string;
  readonly author: Principal;
  readonly files: readonly PolicyFile[];
  readonly contentHash: string;
  readonly summary: readonly string[];
  readonly at: string;
}

/** The configuration in force. */
export interface InForce {
  readonly version: number;
  readonly contentHash: string;
}

export type ChangeEvent =
  | { readonly kind: 'proposed'; readonly proposal: Proposal; readonly baseVersion: number; readonly bootstrap: boolean }
  | { readonly kind: 'approved'; readonly by: Principal | undefined; readonly at: string; readonly version: number }
  | { readonly kind: 'denied'; readonly by: Principal; readonly at: string }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'applied' }
  | { readonly kind: 'returned' };

type Decided = Outcome<readonly ChangeEvent[]>;
type Of<K extends ChangeCommand['kind']> = Extract<ChangeCommand, { kind: K }>;

export const change: Decider<ChangeCommand, ChangeEvent, ChangeState | undefined> = {
  initial: undefined,
  decide(command, state) {
    if (command.kind === 'propose') return propose(command, state);
    if (!state) return unknownChange();
    switch (command.kind) {
      case 'approve':
        return approve(command, state);
      case 'deny':
        return deny(command, state);
      case 'record':
        return accepted(state.recorded || state.status === 'pending' ? [] : [{ kind: 'recorded' }]);
      case 'apply':
        return accepted(state.status === 'approved' && state.recorded ? [{ kind: 'applied' }] : []);
      case 'return':
        return accepted(state.status === 'approved' && !state.recorded ? [{ kind: 'returned' }] : []);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'proposed') return begin(event);
    if (!state) throw new Error(`a change cannot begin with ${event.kind}`);
    switch (event.kind) {
      case 'approved':
        return { ...state, status: 'approved', ...(event.by && { decidedBy: event.by }), decidedAt: event.at, version: event.version };
      case 'denied':
        return { ...state, status: 'denied', decidedBy: event.by, decidedAt: event.at };
      case 'recorded':
        return { ...state, recorded: true };
      case 'applied':
        return { ...state, status: 'applied' };
      case 'returned':
        return undecided(state);
      default:
        return unreachable(event);
    }
  },
};

/** No event where nothing differs from what is in force, or where the same was proposed before under this id. */
function propose({ proposal, inForce, mayChange }: Of<'propose'>, state: ChangeState | undefined): Decided {
  if (state) {
    const same = state.contentHash === proposal.contentHash && state.author.name === proposal.author.name;
    return same ? accepted([]) : refused('change_id_taken', 'Another change already has this id.', { retryable: true });
  }
  if (!mayChange.ok) return mayChange;
  if (!inForce) {
    return accepted([
      { kind: 'proposed', proposal, baseVersion: 0, bootstrap: true },
      { kind: 'approved', by: undefined, at: proposal.at, version: 1 },
    ]);
  }
  if (inForce.contentHash === proposal.contentHash) return accepted([]);
  return accepted([{ kind: 'proposed', proposal, baseVersion: inForce.version, bootstrap: false }]);
}

/** There is no such change. */
export function unknownChange(): Outcome<never> {
  return refused('change_unknown', 'There is no change with this id.', { hint: 'List them with `interlock changes list`.' });
}

function approve({ by, at, digest, inForce, mayChange, independentOfAuthor }: Of<'approve'>, state: ChangeState): Decided {
  if (!mayChange.ok) return mayChange;
  if (state.status !== 'pending') return state.status !== 'denied' && sameDecision(state, by) ? accepted([]) : decidedAlready(state);
  if (!independentOfAuthor.ok) return independentOfAuthor;
  if (digest === undefined) return refused('digest_missing', 'An approval names the digest of what was read, and this one names none.', { hint: 'Read the change and send the digest it shows.' });
  if (digest !== state.contentHash) return refused('digest_mismatch', 'The digest that was agreed to is not the digest of this change.', { hint: 'Read the change again and send the digest it shows.' });
  if (inForce?.version !== state.baseVersion) {
    return refused('conflict_stale', `Change ${state.change} was compared with version ${state.baseVersion}; version ${inForce?.version ?? 0} is in force now.`, {
      hint: 'Propose it again, so that approvers see what it changes now, and deny this one.',
    });
  }
  return accepted([{ kind: 'approved', by, at, version: state.baseVersion + 1 }]);
}

/** Saying no needs no independence: authors may withdraw what they proposed. */
function deny({ by, at, mayChange }: Of<'deny'>, state: ChangeState): Decided {
  if (!mayChange.ok) return mayChange;
  if (state.status === 'pending') return accepted([{ kind: 'denied', by, at }]);
  return state.status === 'denied' && sameDecision(state, by) ? accepted([]) : decidedAlready(state);
}

function sameDecision(state: ChangeState, by: Principal): boolean {
  return state.decidedBy?.name === by.name && state.decidedBy.issuer === by.issuer;
}

function decidedAlready({ change: id, status, decidedBy }: ChangeState): Decided {
  return refused('change_closed', `Change ${id} is ${status} already${decidedBy ? `, decided by ${decidedBy.name}` : ''}.`, { hint: 'Propose a new change.' });
}

function begin({ proposal, baseVersion, bootstrap }: Extract<ChangeEvent, { kind: 'proposed' }>): ChangeState {
  const { change: id, author, files, contentHash, summary, at } = proposal;
  return { kind: 'change', change: id, status: 'pending', author, files: [...files], contentHash, summary: [...summary], proposedAt: at, baseVersion, bootstrap, recorded: false };
}

function undecided(state: ChangeState): ChangeState {
  const { decidedBy: _by, decidedAt: _at, version: _version, ...rest } = state;
  return { ...rest, status: 'pending' };
}
