import { MemoryLedger } from '@interlock/adapter-memory-log';
import { describe, expect, it } from 'vitest';
import type { Action, Circumstances, Configuration, Decision, EventData } from '@interlock/contracts';
import type { Judge, JudgeRequest } from '@interlock/domain-policy';
import { action, bundle, CONFIGURATION, decisionOn, Given } from '../spec/given.js';
import { Conduct, ConductBook } from './conduct.js';
import type { Session } from './session.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

describe('conduct', () => {
  it('is counted for as long as is asked, and forgotten by stretches of ten seconds', () => {
    const conduct = new Conduct();
    for (const atMs of [0, 4 * MINUTE, 5 * MINUTE]) conduct.count('denials', START + atMs);
    const seen = (minutes: number, atMs: number) => conduct.within('denials', minutes, START + atMs);
    expect([seen(1, 5 * MINUTE), seen(2, 5 * MINUTE), seen(60, 5 * MINUTE)]).toEqual([2, 2, 3]);
    expect([seen(5, 5 * MINUTE + 9_999), seen(5, 5 * MINUTE + 10_000)]).toEqual([3, 2]);
    expect(seen(60, 66 * MINUTE)).toBe(0);
  });

  it('counts each thing by itself, and objects once', () => {
    const conduct = new Conduct();
    conduct.count('rows', START, 500);
    conduct.count('risk', START, 40);
    conduct.touch(['a', 'b', 'a'], START);
    conduct.touch(['b', 'c'], START + MINUTE);
    const seen = (measure: Parameters<Conduct['within']>[0], minutes = 60) => conduct.within(measure, minutes, START + MINUTE);
    expect([seen('rows'), seen('risk'), seen('commands'), seen('denials'), seen('objects'), seen('objects', 1)]).toEqual([500, 40, 0, 0, 3, 3]);
    expect(conduct.within('objects', 1, START + 2 * MINUTE)).toBe(2);
  });

  it('holds no more objects than a term may ask for, those touched last, and none for longer than an hour', () => {
    const conduct = new Conduct();
    conduct.touch(Array.from({ length: 10_000 }, (_, index) => `o${index}`), START);
    expect(conduct.within('objects', 60, START)).toBe(4_000);
    conduct.touch(['o0'], START + 61 * MINUTE);
    expect(conduct.within('objects', 60, START + 61 * MINUTE)).toBe(1);
  });

  it('of one that was quiet for an hour is forgotten when another comes, and not before', () => {
    let nowMs = START;
    const book = new ConductBook(() => nowMs);
    const first = book.of('agent-etl');
    first.count('commands', nowMs);
    nowMs += 59 * MINUTE;
    book.of('other');
    expect(book.of('agent-etl')).toBe(first);
    nowMs += 3 * MINUTE;
    book.of('another');
    expect(book.of('agent-etl')).not.toBe(first);
  });
});

/** Wants everything, and says what it was told. */
class Curious implements Judge {
  readonly bundleVersion = 1;
  readonly told: Circumstances[] = [];
  readonly wants = { recent: (['commands', 'denials', 'objects', 'rows', 'risk'] as const).map((measure) => ({ measure, minutes: 10 })), windows: [] };
  readsHistoryAt = () => false;
  readsHistoryOn = () => false;
  readsEstimateAt = () => false;
  readsEstimateOn = () => false;
  rolesOf = () => [];

  judge(request: JudgeRequest): Decision {
    this.told.push(request.circumstances!);
    const decision = decisionOn(request, 1);
    return {
      ...decision, risk: { score: 5, terms: [{ kind: 'act', points: 3, because: 'so' }, { kind: 'recent', points: 2, because: 'so' }], model: 'm' },
      exercises: [{ separation: 'apart', side: request.action.text.endsWith('b') ? 1 : 0, act: request.action.text }],
    };
  }

  get counted(): number[] {
    return this.told.at(-1)!.recent.map(({ value }) => value);
  }
}

const on = (text: string, ...tables: string[]): Action => ({ ...action(text), accesses: tables.map((name) => ({ verb: 'select', duty: 'read', object: { kind: 'table', path: ['shop', 'public', name] } })) });
const DONE: EventData<'command.outcome.v1'> = { status: 'completed', rows: 7, bytes: 2, masked: 0, durationMs: 3 };

describe('a session tells its judge', () => {
  it('what was done lately: every command as it is decided, those of the same message included', async () => {
    const [given, judge] = [new Given(new MemoryLedger()), new Curious()];
    const session = await given.session();
    const verdicts = [session.decide(judge, on('select a', 'x', 'y')), session.decide(judge, on('deny b', 'y')), session.decide(judge, on('select a', 'z'))];
    expect(judge.told.map(({ recent }) => recent.map(({ value }) => value))).toEqual([[1, 0, 2, 0, 0], [2, 0, 2, 0, 3], [3, 1, 3, 0, 3]]);
    await session.record({ verdicts, unjudged: { text: 'nonsense', refusal: { reason: 'syntax_error', detail: 'No.' } } });
    session.settle(verdicts[0]!.command, DONE);
    session.decide(judge, on('select a'));
    expect(judge.counted).toEqual([4, 2, 3, 7, 6]);
    const recorded = given.ledger.events.filter(({ type }) => type === 'command.decided.v1').map(({ data }) => (data as EventData<'command.decided.v1'>).circumstances);
    expect(recorded).toEqual(judge.told.slice(0, 3));
  });

  it('what it asks about hypothetically without counting it', async () => {
    const [given, judge] = [new Given(new MemoryLedger()), new Curious()];
    const session = await given.session();
    session.consult(judge, on('deny a', 'x'));
    expect(judge.counted).toEqual([0, 0, 0, 0, 0]);
  });

  it('a command that waits once, and that it was allowed only then', async () => {
    const [given, judge] = [new Given(new MemoryLedger()), new Curious()];
    const session = await given.session();
    const parked = session.decide(judge, on('ask a', 'x'));
    expect(session.decideAgain(judge, parked, { id: 'g', rules: ['rule'], ruleHash: 'hash', approvers: ['dba'] }).circumstances).toEqual({ ...judge.told[0], exercised: [] });
    session.decide(judge, on('select b'));
    expect([judge.counted, judge.told.at(-1)!.exercised]).toEqual([[2, 0, 1, 0, 3], [{ separation: 'apart', side: 0, act: 'ask a', command: 's-1.1.1' }]]);
  });

  it('what it was allowed, the first of each side, and nothing that was denied', async () => {
    const [given, judge] = [new Given(new MemoryLedger()), new Curious()];
    const session = await given.session();
    for (const text of ['deny a', 'select 1 a', 'select 2 a', 'select 3 b']) session.decide(judge, on(text));
    expect(judge.told.at(-1)!.exercised).toEqual([{ separation: 'apart', side: 0, act: 'select 1 a', command: 's-1.1.2' }]);
  });

  it('what its principal did in another session, but not what that one exercised', async () => {
    const [given, judge] = [new Given(new MemoryLedger()), new Curious()];
    const [first, second]: Session[] = [await given.session(), await given.session()];
    first!.decide(judge, on('deny a', 'x'));
    first!.decide(judge, on('select a', 'x'));
    await first!.close('client_closed');
    second!.decide(judge, on('select b', 'x'));
    expect([judge.counted, judge.told.at(-1)!.exercised]).toEqual([[3, 1, 1, 0, 3], []]);
  });

  it('nothing where it wants nothing, and nothing is recorded or kept then', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    const verdict = session.decide(session.readyNow()!, on('deny a', 'x'));
    await session.record({ verdicts: [verdict] });
    const judge = new Curious();
    session.consult(judge, on('select a'));
    expect(verdict.circumstances).toBeUndefined();
    expect(judge.counted).toEqual([0, 0, 0, 0, 0]);
  });
});

it('a session ends when what is kept apart in it changes: what it did before was not looked at by that', async () => {
  const given = new Given(new MemoryLedger());
  given.change({ bundle: bundle(1) });
  const session = await given.session();
  const separation: Configuration['separation'] = { exclusiveRoles: [], tasks: [], approvers: 'at-decision', dynamic: [{ name: 'apart', kind: 'session', between: [{ verb: 'insert' }, { verb: 'update' }] }] };
  given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, separation: { ...separation, dynamic: [] } } }), bundleHash: '2' });
  session.review();
  expect(given.ends).toEqual([]);
  given.change({ bundle: bundle(3, { configuration: { ...CONFIGURATION, separation } }), bundleHash: '3' });
  session.review();
  expect(given.ends).toEqual([{ reason: 'revoked', why: 'configuration_changed' }]);
});
