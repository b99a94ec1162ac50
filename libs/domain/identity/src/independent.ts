import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Principal } from '@interlock/contracts';

/** Two principals and how they are known to be apart. */
export interface Independence {
  readonly first: string;
  readonly second: string;
}

/**
 * Whether two principals share no human behind them: not as owner, creator, delegator or scheduler, not through another
 * account of the same person. Unknown counts as shared. There is no exemption for any role.
 */
export function independent(first: Principal, second: Principal): Outcome<Independence> {
  if (isSameIdentity(first, second)) return shared(first.name === second.name ? `This is ${first.name}'s own, and nobody agrees to their own.` : `${first.name} and ${second.name} are the same principal.`);
  const unknown = [first, second].find((principal) => principal.party.length === 0);
  if (unknown) {
    return refused('party_unknown', `Not every human behind ${unknown.name} is known, so ${first.name} and ${second.name} count as sharing one.`, {
      hint: `Name the owners of ${unknown.name} in interlock.yaml, or ask someone else.`,
    });
  }
  const common = humansShared(first, second);
  if (common.length > 0) return shared(`${first.name} and ${second.name} share ${nameAll(common)} behind them.`);
  return accepted({ first: first.name, second: second.name });
}

/** The humans known to stand behind both. None is no proof of independence: someone may stand behind one of them unknown. */
export function humansShared(first: Principal, second: Principal): readonly string[] {
  return first.party.filter((human) => second.party.includes(human));
}

function isSameIdentity(first: Principal, second: Principal): boolean {
  return first.name === second.name || (first.issuer === second.issuer && first.subject === second.subject);
}

function shared(detail: string): Outcome<Independence> {
  return refused('not_independent', detail, { hint: 'Someone with none of these humans behind them has to agree.' });
}

function nameAll(humans: readonly string[]): string {
  return humans.length === 1 ? `the human ${humans[0]}` : `the humans ${humans.join(', ')}`;
}
