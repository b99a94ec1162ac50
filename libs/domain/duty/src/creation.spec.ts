import { describe, expect, it } from 'vitest';
import { fold } from '@interlock/kernel';
import type { HistoryFacts, ObjectClaim, ObjectState, Principal } from '@interlock/contracts';
import { CLAIM_MS, creation, factsOf, UNCLEAR, worstOf, type CreationCommand, type CreationEvent } from './creation.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const agent = (name: string, owner: string): Principal => ({ name, kind: 'agent', issuer: 'i', subject: name, roles: [], party: [owner] });
const ann = agent('agent-a', 'ann');
const bob = agent('agent-b', 'bob');

const claimOf = (by: Principal, command: string, afterMs = 0): ObjectClaim => ({ by, session: 's', command, at: new Date(T0 + afterMs).toISOString() });
const claim = (by: Principal, command: string, afterMs = 0): CreationCommand => ({ kind: 'claim', target: 'shop', name: 'n', claim: claimOf(by, command, afterMs), nowMs: T0 + afterMs });
const claimed = (...claims: ObjectClaim[]): CreationEvent => ({ kind: 'claimed', target: 'shop', name: 'n', claims });
const bound = (...claims: ObjectClaim[]): CreationEvent => ({ kind: 'bound', id: 'relation:1', claims });
const released: CreationEvent = { kind: 'released' };

function after(history: readonly CreationEvent[], command: CreationCommand): string {
  const outcome = creation.decide(command, fold(creation, history));
  if (!outcome.ok) return `refused ${outcome.refusal.reason}`;
  return outcome.value.map((event) => (event.kind === 'released' ? 'released' : `${event.kind} by ${event.claims.map(({ command: one }) => one).join('+')}`)).join(', ');
}

const byAnn = claimOf(ann, 'c1');

describe('the creation of an object', () => {
  it.each<[string, readonly CreationEvent[], CreationCommand, string]>([
    ['is claimed', [], claim(ann, 'c1'), 'claimed by c1'],
    ['is claimed by one at a time', [claimed(byAnn)], claim(bob, 'c2', CLAIM_MS - 1), 'refused object_claimed'],
    ['is not claimed twice by the same either', [claimed(byAnn)], claim(ann, 'c2', 1), 'refused object_claimed'],
    ['is shared with a claim whose end nobody saw', [claimed(byAnn)], claim(bob, 'c2', CLAIM_MS), 'claimed by c1+c2'],
    ['keeps others away from a shared claim, too', [claimed(byAnn, claimOf(bob, 'c2', CLAIM_MS))], claim(ann, 'c3', CLAIM_MS + 1), 'refused object_claimed'],
    ['is bound by its command', [claimed(byAnn)], { kind: 'bind', command: 'c1', id: 'relation:1' }, 'bound by c1'],
    ['is bound with every claim that stands', [claimed(byAnn, claimOf(bob, 'c2'))], { kind: 'bind', command: 'c2', id: 'relation:1' }, 'bound by c1+c2'],
    ['is not bound by another command', [claimed(byAnn)], { kind: 'bind', command: 'c2', id: 'relation:1' }, 'refused object_not_claimed'],
    ['is not bound twice', [claimed(byAnn), bound(byAnn)], { kind: 'bind', command: 'c1', id: 'relation:2' }, 'refused object_not_claimed'],
    ['is not bound unclaimed', [], { kind: 'bind', command: 'c1', id: 'relation:1' }, 'refused object_not_claimed'],
    ['is released by its command', [claimed(byAnn)], { kind: 'release', command: 'c1' }, 'released'],
    ['leaves the other claims when it is released', [claimed(byAnn, claimOf(bob, 'c2'))], { kind: 'release', command: 'c2' }, 'claimed by c1'],
    ['is not released by another command', [claimed(byAnn)], { kind: 'release', command: 'c2' }, 'refused object_not_claimed'],
    ['begins anew after it was bound: that object has its id now', [claimed(byAnn), bound(byAnn)], claim(bob, 'c2', 1), 'claimed by c2'],
    ['begins anew after it was released', [claimed(byAnn), released], claim(bob, 'c2', 1), 'claimed by c2'],
  ])('%s', (_what, history, command, expected) => expect(after(history, command)).toBe(expected));
});

describe('what history says to agent-a', () => {
  const isApart = (creator: Principal): boolean => !creator.party.includes('ann');
  const state = (...history: CreationEvent[]): ObjectState | undefined => fold(creation, history);
  const facts = (ownCreation: boolean, preexisting: boolean): HistoryFacts => ({ ownCreation, preexisting });

  it.each<[string, ObjectState | undefined, ObjectState | undefined, HistoryFacts]>([
    ['of its own object', state(claimed(byAnn), bound(byAnn)), undefined, facts(true, false)],
    ['of someone else\'s', state(claimed(claimOf(bob, 'c2')), bound(claimOf(bob, 'c2'))), undefined, facts(false, false)],
    ['of one that it may have made', state(claimed(byAnn), bound(byAnn, claimOf(bob, 'c2'))), undefined, facts(true, false)],
    ['of one that was there before', undefined, undefined, facts(true, true)],
    ['of one whose name was released', undefined, state(claimed(byAnn), released), facts(true, true)],
    ['of one whose name it claimed, and nobody saw how that ended', undefined, state(claimed(byAnn)), facts(true, false)],
    ['of one whose name someone else claimed', undefined, state(claimed(claimOf(bob, 'c2'))), facts(true, true)],
    ['of its own object with a name that someone else claimed', state(claimed(byAnn), bound(byAnn)), state(claimed(claimOf(bob, 'c2'))), facts(true, false)],
  ])('%s', (_what, byId, byName, expected) => expect(factsOf({ byId, byName }, isApart)).toEqual(expected));

  it.each<[string, HistoryFacts[], HistoryFacts]>([
    ['nothing', [], UNCLEAR],
    ['one of them its own', [facts(false, false), facts(true, false)], facts(true, false)],
    ['one of them unclear', [facts(true, true), UNCLEAR], UNCLEAR],
    ['one of them there before, the other someone else\'s', [facts(true, true), facts(false, false)], facts(true, true)],
    ['all of them someone else\'s', [facts(false, false), facts(false, false)], facts(false, false)],
  ])('of a name that may mean several objects: %s', (_what, several, expected) => expect(worstOf(several)).toEqual(expected));
});
