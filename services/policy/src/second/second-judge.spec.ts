import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { Configuration, type Bundle, type EventData, type ExercisedAct } from '@interlock/contracts';
import { TighteningCompiler } from '@interlock/domain-policy';
import { describe, expect, it } from 'vitest';
import { action, ALLOWED, bundle, ETL, lie, MemoryBundles, RULES, truth } from '../../spec/recorded-world.js';
import type { RecordedDecision } from './recorded.js';
import { SecondJudge, SUPERSEDED_MS } from './second-judge.js';

const FIRST = bundle(1);
/** Reading is no longer allowed. */
const SECOND = bundle(2, RULES.split('\n').slice(1).join('\n'));

function judge(list = [FIRST, SECOND], inForce = list.at(-1)?.version ?? 0): SecondJudge {
  return new SecondJudge(new MemoryBundles(list), new CedarJudgeCompiler(), () => inForce);
}

function recorded(data: EventData<'command.decided.v1'>, more: Partial<RecordedDecision> = {}): RecordedDecision {
  return { kind: 'decision', event: 'e', sequence: 1, connector: 'connector-postgres/1', session: 's', command: 'c', at: '', storedAtMs: 3_600_000, principal: ETL, target: 'shop', data, ...more };
}

const review = (data: EventData<'command.decided.v1'>, more: Partial<RecordedDecision> = {}, by = judge()) => by.review(recorded(data, more));

describe('the second decision about what a target expects', () => {
  const few: Bundle = bundle(1, `${RULES}\n@id("few") @reason("x") forbid (principal, action == Action::"select", resource) when { context.estimatedRows > 100 };`);
  const by = judge([few]);
  const told = (estimatedRows: number, outcome = estimatedRows > 100 ? 'deny' as const : 'allow' as const): EventData<'command.decided.v1'> => {
    const compiled = new CedarJudgeCompiler().compile(few);
    if (!compiled.ok) throw new Error(compiled.refusal.detail);
    const gathered = [{ estimatedRows }];
    const decision = compiled.value.judge({ principal: ETL, target: few.configuration.targets[0]!, action: action(), gathered });
    return { ...truth(few, action()), gathered, decision: { ...decision, outcome } };
  };

  it('comes to the same by what it said then', async () => {
    expect([told(100).decision.outcome, told(101).decision.outcome]).toEqual(['allow', 'deny']);
    expect([await review(told(100), {}, by), await review(told(101), {}, by)]).toEqual([{ kind: 'same' }, { kind: 'same' }]);
  });

  it('differs where it was allowed in spite of that, or where nothing of it is recorded', async () => {
    const { gathered: _gathered, ...silent } = told(100);
    for (const lied of [told(101, 'allow'), silent]) expect(await review(lied, {}, by)).toMatchObject({ kind: 'differs', differences: expect.arrayContaining(['outcome: recorded allow, again deny']) as string[] });
  });
});

describe('the second decision about acts that are kept apart over a window', () => {
  const between = (['select', 'delete'] as const).map((verb) => ({ verb, resource: 'Table::"shop/public/orders"' }));
  const separation = Configuration.shape.separation.parse({ dynamic: [{ name: 'look-or-delete', kind: 'window', windowSeconds: 86_400, between }] });
  const kept: Bundle = { ...FIRST, configuration: { ...FIRST.configuration, separation } };
  const compiler = new TighteningCompiler(new CedarJudgeCompiler());
  const by = new SecondJudge(new MemoryBundles([kept]), compiler, () => 1);
  const act: ExercisedAct = { separation: 'look-or-delete', side: 1, act: 'delete on table shop/public/orders', command: 's-9.1.1', by: 'agent-other', behind: 'human dba', at: '2026-01-07T11:00:00.000Z' };

  /** What a connector records of a command, by what it had gathered. */
  function told(exercised: readonly ExercisedAct[]): EventData<'command.decided.v1'> {
    const compiled = compiler.compile(kept);
    if (!compiled.ok) throw new Error(compiled.refusal.detail);
    const circumstances = { at: '2026-01-07T12:00:00.000Z', recent: [], exercised: [...exercised] };
    const what = { ...action(), facts: { ...action().facts, opaque: false } };
    return { ...truth(kept, what), action: what, circumstances, decision: compiled.value.judge({ principal: ETL, target: kept.configuration.targets[0]!, action: what, circumstances }) };
  }

  it('comes to the same by what was gathered of the party then', async () => {
    expect([told([]).decision.outcome, told([act]).decision.outcome]).toEqual(['allow', 'deny']);
    expect([await review(told([]), {}, by), await review(told([act]), {}, by)]).toEqual([{ kind: 'same' }, { kind: 'same' }]);
  });

  it('differs where it was allowed in spite of that', async () => {
    expect(await review({ ...told([]), circumstances: told([act]).circumstances }, {}, by)).toMatchObject({ kind: 'differs', differences: ['outcome: recorded allow, again deny', expect.stringContaining('again forbid look-or-delete') as string] });
  });
});

describe('the second decision about one command', () => {
  it.each([
    ['what was allowed', truth(FIRST, action())],
    ['what was denied', truth(FIRST, action('update'))],
    ['what was asked about', truth(FIRST, action('delete'))],
    ['what an older bundle allowed, and a newer one would not', truth(FIRST, action('select', 'customers'))],
  ])('is the same for %s', async (_what, told) => expect(await review(told)).toEqual({ kind: 'same' }));

  it('is the same for what people agreed to, by their grant', async () => {
    const { ask } = truth(FIRST, action('delete')).decision;
    const granted = truth(FIRST, action('delete'), { id: 'g', rules: ask!.rules, ruleHash: ask!.ruleHash, approvers: ['dba'] });
    expect(granted.decision.outcome).toBe('allow');
    expect(await review(granted)).toEqual({ kind: 'same' });
    const { grant: _grant, ...withoutGrant } = granted;
    expect(await review(withoutGrant)).toMatchObject({ kind: 'differs', differences: [expect.stringContaining('outcome: recorded allow, again ask'), expect.any(String), expect.any(String)] });
  });

  it('is the same when only the words for people changed', async () => {
    const told = truth(FIRST, action());
    expect(await review(lie(told, { reasons: told.decision.reasons.map((one) => ({ ...one, message: 'In other words.' })) }))).toEqual({ kind: 'same' });
  });

  const asked = truth(FIRST, action('delete'));
  it.each([
    ['another outcome', lie(truth(FIRST, action('update')), ALLOWED), 'outcome: recorded allow, again deny'],
    ['another rule', lie(truth(FIRST, action()), { reasons: [{ rule: 'etl-deletes', effect: 'permit', message: '' }] }), 'rules: recorded permit etl-deletes, again permit etl-reads'],
    ['a smaller quorum', lie(asked, { ask: { ...asked.decision.ask!, quorum: [{ role: 'etl', count: 1 }] } }), 'quorum: recorded 1 of etl within 900 s'],
    ['a longer window', lie(asked, { ask: { ...asked.decision.ask!, windowSeconds: 9_000 } }), 'quorum: recorded 1 of security within 9000 s'],
    ['a bundle nobody published', lie(truth(FIRST, action()), { bundleVersion: 7 }), 'bundle: version 7 was never published'],
    ['another principal than its session\'s', { ...truth(FIRST, action()), principal: 'agent-support' }, 'principal: recorded agent-support, its session is of agent-etl'],
    ['another target than its session\'s', { ...truth(FIRST, action('update')), target: 'elsewhere' }, 'target: recorded elsewhere, its session is at shop'],
  ])('differs for %s', async (_what, told, difference) => {
    expect(await review(told)).toMatchObject({ kind: 'differs', differences: expect.arrayContaining([expect.stringContaining(difference)]) });
  });

  it('differs for a bundle that had been superseded for longer than a connector may take to hear of it', async () => {
    const storedAtMs = 2 * 3_600_000 + SUPERSEDED_MS;
    expect(await review(truth(FIRST, action()), { storedAtMs })).toEqual({ kind: 'same' });
    expect(await review(truth(FIRST, action()), { storedAtMs: storedAtMs + 1 })).toMatchObject({ differences: ['bundle: version 1 was superseded 30 s before'] });
  });

  it('cannot be made without the bundle of its version: no match, and no mismatch', async () => {
    expect(await review(truth(FIRST, action()), {}, judge([SECOND]))).toMatchObject({ kind: 'undecidable', reason: 'bundle_unknown' });
    expect(await review(truth(FIRST, action()), {}, judge([{ ...FIRST, policies: [{ file: 'policies/a.cedar', text: 'permit;' }] }, SECOND]))).toMatchObject({ kind: 'undecidable', reason: 'bundle_unusable' });
  });

  it('goes through more versions than it keeps judges of', async () => {
    const versions = Array.from({ length: 9 }, (_, index) => bundle(index + 1));
    const by = judge(versions);
    for (const one of [...versions, ...versions]) expect(await review(truth(one, action()), { storedAtMs: one.version * 3_600_000 }, by)).toEqual({ kind: 'same' });
  });
});
