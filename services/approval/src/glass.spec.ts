import { describe, expect, it } from 'vitest';
import { NOW_MS, office, ONE } from '../spec/office.js';

const NO = (reason: string): unknown => expect.stringMatching(new RegExp(`^${reason}: `));
const DUE = 'approved, due 2026-01-01T01:00:00.000Z';
const HOUR_MS = 3_600_000;

async function broken(by = 'both') {
  const desk = office(ONE, by);
  expect(await desk.breakGlass(by)).toBe(DUE);
  const told = (): string[] => desk.ledger.events.map(({ type, data }) => `${type} ${(data as { status?: string; reason?: string }).status ?? (data as { reason?: string }).reason ?? ''}`.trim());
  return { ...desk, told };
}

describe('a glass that is broken', () => {
  it('is recorded with the whole command, warned of, and the first thing on the list of who reviews it', async () => {
    const desk = await broken();
    expect(desk.ledger.events[0]).toMatchObject({ type: 'glass.broken.v1', data: { dueAt: '2026-01-01T01:00:00.000Z', request: { id: 'g1', requester: { name: 'both' }, action: { text: 'delete from orders', stated: { breakGlass: 'the shop is down' } } } } });
    expect(desk.warned).toEqual(['the glass was broken: both']);
    await desk.ask({ id: 'g2', grantDigest: 'g2', requestedAt: new Date(NOW_MS + 1_000).toISOString() });
    expect([await desk.list('s1', 'pending'), await desk.list('d1'), await desk.list('deputy')]).toEqual(['g1 approved', 'g1 approved,g2 pending', '']);
  });

  it('is not broken in another’s name, by an agent, or without a reason; each try is recorded', async () => {
    const desk = office(ONE, 'both');
    const agent = office(ONE, 'agent');
    expect([await desk.breakGlass('d1'), await desk.breakGlass('both', { action: { protocol: 'postgres', verb: 'delete', text: 't', parameters: [], accesses: [], facts: {}, context: {}, stated: { reason: 'x' } } }), await agent.breakGlass('agent')]).toEqual([NO('requester_mismatch'), NO('glass_without_reason'), NO('glass_not_human')]);
    expect(desk.ledger.events.map(({ type, data }) => `${type} ${(data as { attempt: string }).attempt}`)).toEqual(['glass.refused.v1 break', 'glass.refused.v1 break']);
    expect(desk.warned).toEqual([]);
  });

  it('is not broken when the ledger does not take it', async () => {
    const desk = office(ONE, 'both');
    desk.ledger.failWith('away');
    await expect(desk.breakGlass('both')).rejects.toThrow();
    desk.ledger.failWith(undefined);
    expect(await desk.list('s1')).toBe('');
  });

  it('is held by no limit of its rule, and by what one person may have stored', async () => {
    const desk = office(ONE, 'both');
    const limited = { quorum: [...ONE], rules: ['r'], ruleHash: 'h', windowSeconds: 86_400, limits: [{ rule: 'r', count: 1, seconds: 3_600 }], glass: { reviewers: ['dba'], reviewSeconds: 3_600 } };
    const came = [];
    for (let index = 0; index < 33; index += 1) came.push(await desk.breakGlass('both', { id: `g${index}`, grantDigest: `g${index}`, ask: limited }));
    expect([came.slice(0, 32).every((one) => one === DUE), came[32]]).toEqual([true, NO('approvals_too_many')]);
  });

  it('is reviewed by two people who share no human with anyone in it', async () => {
    const desk = await broken();
    expect([await desk.review('both'), await desk.review('admin'), await desk.review('s1', 'accept', 'other'), await desk.review('d1<robot')]).toEqual([NO('not_independent'), NO('reviewer_role'), NO('digest_mismatch'), NO('reviewer_not_human')]);
    expect([await desk.review('d1'), await desk.review('d1'), await desk.review('d1-2'), await desk.review('s1'), await desk.review('d2')]).toEqual(['due', NO('already_reviewed'), NO('not_independent'), 'accepted', NO('glass_reviewed')]);
    expect(desk.told().filter((event) => event.startsWith('glass.reviewed'))).toEqual(['glass.reviewed.v1 due', 'glass.reviewed.v1 accepted']);
  });

  it('is not reviewed by another account of whoever broke it', async () => {
    const desk = await broken('owner');
    expect([await desk.review('owner-2'), await desk.review('d1')]).toEqual([NO('not_independent'), 'due']);
  });

  it('and objected to is an incident', async () => {
    const desk = await broken();
    expect([await desk.review('d1', 'object'), await desk.review('s1')]).toEqual(['due', 'objected']);
    expect(desk.ledger.events.filter(({ type }) => type === 'glass.objected.v1').map(({ data }) => data)).toEqual([{ grant: 'g1', principal: 'both', by: 'd1', note: 'seen' }]);
    expect(desk.warned).toEqual(['the glass was broken: both', 'a broken glass is objected to: both']);
  });

  it('and not reviewed in time locks who broke it, until two people have', async () => {
    const desk = await broken();
    await desk.review('d1');
    desk.clock.nowMs = NOW_MS + HOUR_MS - 1;
    await desk.reviewsOverdue();
    expect([...desk.locked]).toEqual([]);
    desk.clock.nowMs += 1;
    await desk.reviewsOverdue();
    await desk.reviewsOverdue();
    expect([...desk.locked]).toEqual([['g1', 'both']]);
    desk.clock.nowMs = NOW_MS;
    expect(await desk.review('s1')).toBe('accepted');
    await desk.reviewsOverdue();
    await desk.reviewsOverdue();
    expect([...desk.locked]).toEqual([]);
    expect(desk.told().filter((event) => /overdue|settled/.test(event))).toEqual(['glass.overdue.v1', 'glass.settled.v1']);
    expect(desk.warned.at(-1)).toBe('a broken glass was not reviewed in time; whoever broke it is locked: both');
  });

  it.each<[string, (desk: Awaited<ReturnType<typeof broken>>) => Promise<unknown>]>([
    ['while the lock is set', async (desk) => {
      desk.identity.onLocked = () => desk.review('s1');
      await desk.reviewsOverdue();
    }],
    ['after a step that locked and died before it was marked', async (desk) => {
      desk.identity.onLocked = () => Promise.reject(new Error('the service ended'));
      await expect(desk.reviewsOverdue()).rejects.toThrow('the service ended');
      await desk.review('s1');
    }],
  ])('and reviewed %s is locked for no longer', async (_when, happens) => {
    const desk = await broken();
    await desk.review('d1');
    desk.clock.nowMs = NOW_MS + HOUR_MS;
    await happens(desk);
    expect([...desk.locked]).toEqual([['g1', 'both']]);
    await desk.reviewsOverdue();
    await desk.reviewsOverdue();
    expect([...desk.locked]).toEqual([]);
  });

  it('is locked for as soon as identity answers, and marked overdue no sooner', async () => {
    const desk = await broken();
    desk.clock.nowMs = NOW_MS + HOUR_MS;
    desk.identity.away = true;
    await desk.reviewsOverdue();
    expect([[...desk.locked], desk.told().filter((event) => event.startsWith('glass.overdue'))]).toEqual([[], []]);
    desk.identity.away = false;
    await desk.reviewsOverdue();
    expect([...desk.locked]).toEqual([['g1', 'both']]);
  });
});
