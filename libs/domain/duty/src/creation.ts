import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { HistoryFacts, ObjectClaim, ObjectState, Principal, ToldCreator } from '@interlock/contracts';

/** How long others keep away from a name whose create is under way, milliseconds. Whoever comes later shares the claim. */
export const CLAIM_MS = 60_000;

/**
 * One object's creation, from its name to its stable id:
 *
 *     (nothing) ─claim─▶ claimed ─bind─▶ bound                   a later create of that name begins anew:
 *                        │  ▲                                    bound | released ─claim─▶ claimed
 *                        │  └─claim (CLAIM_MS later: both claims stand)
 *                        └─release─▶ released
 *
 * A claim whose create was forwarded and never seen to end stays: whoever made it may have made the object.
 */
export type CreationCommand =
  | { readonly kind: 'claim'; readonly target: string; readonly name: string; readonly claim: ObjectClaim; readonly nowMs: number }
  | { readonly kind: 'bind'; readonly command: string; readonly id: string }
  | { readonly kind: 'release'; readonly command: string };

export type CreationEvent =
  | { readonly kind: 'claimed'; readonly target: string; readonly name: string; readonly claims: readonly ObjectClaim[] }
  | { readonly kind: 'bound'; readonly id: string; readonly claims: readonly ObjectClaim[] }
  | { readonly kind: 'released' };

export const creation: Decider<CreationCommand, CreationEvent, ObjectState | undefined> = {
  initial: undefined,
  decide(command, state) {
    switch (command.kind) {
      case 'claim':
        return claim(command, state);
      case 'bind':
        return isClaimedBy(command.command, state) ? accepted([{ kind: 'bound', id: command.id, claims: standingClaims(state) }]) : notYours();
      case 'release':
        return isClaimedBy(command.command, state) ? release(command.command, state) : notYours();
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'claimed') return { status: 'claimed', target: event.target, name: event.name, claims: [...event.claims] };
    if (!state) throw new Error(`a creation cannot begin with ${event.kind}`);
    const { target, name } = state;
    switch (event.kind) {
      case 'bound':
        return { status: 'bound', target, name, id: event.id, claims: [...event.claims] };
      case 'released':
        return { status: 'released', target, name };
      default:
        return unreachable(event);
    }
  },
};

type Decided = Outcome<readonly CreationEvent[]>;

function claim({ target, name, claim: made, nowMs }: Extract<CreationCommand, { kind: 'claim' }>, state: ObjectState | undefined): Decided {
  const standing = standingClaims(state);
  const fresh = standing.find(({ at }) => nowMs - Date.parse(at) < CLAIM_MS);
  if (!fresh) return accepted([{ kind: 'claimed', target, name, claims: [...standing, made] }]);
  return refused('object_claimed', `${fresh.by.name} is creating ${name} at this moment, or its end was not seen.`, {
    retryable: true, hint: `Send the command again after ${CLAIM_MS / 1_000} seconds, or choose another name.`,
  });
}

/** What is taken back leaves the claims that stood before it. */
function release(command: string, state: ObjectState): Decided {
  const others = standingClaims(state).filter((one) => one.command !== command);
  return accepted([others.length === 0 ? { kind: 'released' } : { kind: 'claimed', target: state.target, name: state.name, claims: others }]);
}

function isClaimedBy(command: string, state: ObjectState | undefined): state is ObjectState {
  return standingClaims(state).some((one) => one.command === command);
}

function notYours(): Decided {
  return refused('object_not_claimed', 'This command has no claim to the object.');
}

/** Claims to a name whose end nobody saw. */
export function standingClaims(state: ObjectState | undefined): readonly ObjectClaim[] {
  return state?.status === 'claimed' ? state.claims : [];
}

/** Who may have created the object that a stable id stands for; undefined when nobody is known to have. */
export function creatorsOf(state: ObjectState | undefined): readonly Principal[] | undefined {
  return state?.status === 'bound' ? state.claims.map(({ by }) => by) : undefined;
}

/** Creators that are told of one object and those below it. */
const CREATORS_TOLD_MAX = 8;

/** Who may have made any of these, each once, for whoever asks why. `sharedWith` says why one is not independent of the requester. */
export function toldCreators(states: readonly (ObjectState | undefined)[], sharedWith: (creator: Principal) => string | undefined): readonly ToldCreator[] {
  const claims = states.flatMap((state) => (state?.status === 'bound' ? state.claims : []));
  const first = new Map(claims.toReversed().map((claim) => [claim.by.name, claim]));
  return [...first.values()].toReversed().slice(0, CREATORS_TOLD_MAX).map(({ by, at }) => {
    const shared = sharedWith(by);
    return { name: by.name, at, ...(shared !== undefined && { shared }) };
  });
}

/** What one object's history says. */
export interface ObjectHistory {
  /** Under its stable id. */
  readonly byId: ObjectState | undefined;
  /** Under the name that it has now. */
  readonly byName: ObjectState | undefined;
}

/** What cannot be told: as if the requester had made it. */
export const UNCLEAR: HistoryFacts = { ownCreation: true, preexisting: false };

/**
 * What rules may read of an object's history. `isApart` says whether the requester shares no human with a creator, then and now.
 * An object that nobody is known to have created counts as the requester's own; a standing claim of theirs to its name keeps it
 * from counting as one that was there before.
 */
export function factsOf({ byId, byName }: ObjectHistory, isApart: (creator: Principal) => boolean): HistoryFacts {
  const creators = creatorsOf(byId);
  if (creators) return { ownCreation: !creators.every(isApart), preexisting: false };
  return { ownCreation: true, preexisting: standingClaims(byName).every(({ by }) => isApart(by)) };
}

/** Of several objects that a name may mean the worst counts. */
export function worstOf(all: readonly HistoryFacts[]): HistoryFacts {
  if (all.length === 0) return UNCLEAR;
  return { ownCreation: all.some(({ ownCreation }) => ownCreation), preexisting: all.every(({ ownCreation, preexisting }) => preexisting || !ownCreation) && all.some(({ preexisting }) => preexisting) };
}
