import { describe, expect, it } from 'vitest';
import { EACH, office, ONE, TWO, type Quorum } from '../spec/office.js';

async function votes(quorum: Quorum, names: readonly string[], requester?: string): Promise<string[]> {
  const { ask, vote } = office(quorum, requester);
  await ask();
  const said: string[] = [];
  for (const name of names) said.push(await vote(name));
  return said;
}

describe('a quorum is full', () => {
  it.each<[string, Quorum, string[], string[]]>([
    ['with one of the role', ONE, ['d1'], ['approved']],
    ['with two of the role', TWO, ['d1', 'd2'], ['pending', 'approved']],
    ['with one of each', EACH, ['d1', 's1'], ['pending', 'approved']],
    ['in any order', EACH, ['s1', 'd1'], ['pending', 'approved']],
    ['with whoever is in both groups on the seat that is needed', EACH, ['both', 'd1'], ['pending', 'approved']],
    ['with whoever is in both groups on the other seat, too', EACH, ['both', 's1'], ['pending', 'approved']],
    ['not with one who is in both groups', EACH, ['both'], ['pending']],
    ['not with two of one group', EACH, ['d1', 'd2'], ['pending', 'pending']],
    ['not with two accounts of one human', EACH, ['d1', 'd1-2'], ['pending', expect.stringMatching(/^not_independent: .*d1-2 is another account of the human d1/) as unknown as string]],
    ['not with the same vote twice', TWO, ['d1', 'd1'], ['pending', expect.stringMatching(/^already_voted: d1 has voted/) as unknown as string]],
    ['with those who are left after a vote was refused', EACH, ['d1', 'd1-2', 's1'], ['pending', expect.stringMatching(/^not_independent/) as unknown as string, 'approved']],
  ])('%s', async (_what, quorum, names, expected) => expect(await votes(quorum, names)).toEqual(expected));
});

describe('a vote is refused, with its reason', () => {
  it.each<[string, string, string | undefined, RegExp]>([
    ['the owner', 'owner', undefined, /^not_independent: .*: owner owns agent\.$/],
    ['the creator', 'creator', undefined, /^not_independent: .*: creator made agent\.$/],
    ['the scheduler', 'scheduler', undefined, /^not_independent: .*: scheduler has agent run\.$/],
    ['the owner of the owner', 'owner', 'sub', /^not_independent: .*owner stands behind sub through agent/],
    ['a second account of the same human', 'owner-2', undefined, /^not_independent: .*: owner-2 is another account of the human owner; owner owns agent\.$/],
    ['the delegator', 'd1', 'd1<robot', /^not_independent: /],
    ['another account of the delegator', 'd1-2', 'd1<robot', /^not_independent: .*robot acts with a token that d1 delegated to it/],
    ['whoever is behind the one that acts', 'd3', 'd1<robot', /^not_independent: .*d3 stands behind robot, which acts with the token of d1/],
    ['the requester', 'd1', 'd1', /^not_independent: This is d1's own/],
    ['an administrator', 'admin', undefined, /^approver_role: /],
    ['an agent', 'robot', undefined, /^approver_not_human: /],
    ['an agent with the token of a DBA', 'd2<robot', undefined, /^approver_not_human: /],
    ['anyone, where nobody knows who is behind the requester', 'd2', 'orphan', /^party_unknown: Not every human behind orphan is known/],
  ])('%s', async (_who, voter, requester, expected) => {
    const { ask, vote, ledger } = office(ONE, requester);
    await ask();
    const said = await vote(voter);
    expect(said).toMatch(expected);
    const [, reason, detail] = /^(\w+): (.*)$/.exec(said)!;
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { grant: 'g1', reason, detail } });
    // Nothing but who they are stood against it.
    expect(await vote('d2')).toBe(requester === 'orphan' ? said : 'approved');
  });
});

describe('a request is taken back', () => {
  it.each(['agent', 'owner', 'creator', 'owner-2'])('by %s, who asked for it or answers for who did', async (name) => {
    const { ask, vote, takeBack, ledger } = office(TWO);
    await ask();
    await vote('d1');
    expect(await takeBack(name)).toBe('withdrawn');
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.ended.v1', data: { grant: 'g1', status: 'withdrawn', by: name } });
    expect(await vote('d2')).toMatch(/^approval_closed/);
  });

  it.each(['d1', 'robot', 'admin', 'owner<robot'])('not by %s, and that is recorded', async (name) => {
    const { ask, vote, takeBack, ledger } = office(ONE);
    await ask();
    expect(await takeBack(name)).toMatch(/^not_yours: /);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { grant: 'g1', reason: 'not_yours' } });
    expect(await vote('d1')).toBe('approved');
  });
});
