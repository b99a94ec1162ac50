import { describe, expect, it } from 'vitest';
import { accepted } from '@interlock/kernel';
import type { Ask, Bundle, Configuration, Decision, ExercisedAct, GrantFact, Principal, Verb } from '@interlock/contracts';
import { access, action, circumstances, model, SHOP } from '../spec/risky.js';
import { configuration } from '../spec/given.js';
import type { Judge, JudgeRequest } from './judge.js';
import { TighteningCompiler } from './tightening-judge.js';

const ETL: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'i', subject: 's', roles: ['etl', 'clerk'], party: ['owner'] };
const BY_RULES: Ask = { quorum: [{ role: 'dba', count: 1 }, { role: 'security', count: 1 }], rules: ['ask-first'], ruleHash: 'h', windowSeconds: 300, accepts: ['slack'], waitInTransactionSeconds: 30, glass: { reviewers: ['security'], reviewSeconds: 60 }, preview: 'exact', maxRows: 12, signed: 'webauthn' };
const reasons: Record<Decision['outcome'], Decision['reasons']> = {
  allow: [{ rule: 'etl-may', effect: 'permit', message: 'may' }], ask: [{ rule: 'ask-first', effect: 'forbid', message: 'ask' }], deny: [{ rule: 'never', effect: 'forbid', message: 'no' }],
};

/** Rules that decide as they are told, and lift what a grant about them names. */
function compileBy(part: Partial<Configuration>, outcome: Decision['outcome'] = 'allow') {
  const seen: JudgeRequest[] = [];
  const rules: Judge = {
    bundleVersion: 3, readsHistoryAt: () => false, readsHistoryOn: () => false, readsEstimateAt: () => false, readsEstimateOn: () => false, rolesOf: (rule) => (rule === 'etl-may' ? ['etl', 'other'] : []),
    judge: (request) => {
      seen.push(request);
      const lifted = request.grant?.rules.length === 1 && request.grant.rules[0] === 'ask-first';
      const now = outcome === 'ask' && lifted ? 'allow' : outcome;
      return Object.freeze({ outcome: now, reasons: reasons[now], bundleVersion: 3, ...(now === 'ask' && { ask: BY_RULES }) });
    },
  };
  const bundle: Bundle = { version: 3, configuration: configuration({ targets: [SHOP], ...part }), policies: [], change: 'c', author: 'a', approvedBy: [], createdAt: '' };
  return { compiled: new TighteningCompiler({ compile: () => accepted(rules) }).compile(bundle), seen };
}

function judgeBy(...of: Parameters<typeof compileBy>): Judge & { readonly seen: JudgeRequest[] } {
  const { compiled, seen } = compileBy(...of);
  if (!compiled.ok) throw new Error(compiled.refusal.detail);
  return Object.assign(compiled.value, { seen });
}

const MODEL = model({
  acts: [{ verb: 'delete', points: 60 }, { verb: 'drop', points: 90 }, { verb: 'insert', points: 10 }],
  recent: [{ measure: 'denials', above: 0, minutes: 5, points: 15 }],
  thresholds: { ask: { score: 60, approvers: [{ role: 'dba', count: 2 }], windowMinutes: 10 }, deny: 90 },
});

const quiet = (denials = 0) => circumstances({ recent: [{ measure: 'denials', minutes: 5, value: denials }] });
const request = (verb: Verb, more: Partial<JudgeRequest> = {}): JudgeRequest => ({ principal: ETL, target: SHOP, action: action([access(verb)]), circumstances: quiet(), ...more });

describe('risk', () => {
  it.each<[Verb, Decision['outcome'], Decision['outcome'], string[]]>([
    ['insert', 'allow', 'allow', ['etl-may']],
    ['insert', 'ask', 'ask', ['ask-first']],
    ['insert', 'deny', 'deny', ['never']],
    ['delete', 'allow', 'ask', ['risk', 'etl-may']],
    ['delete', 'ask', 'ask', ['ask-first', 'risk']],
    ['delete', 'deny', 'deny', ['never']],
    ['drop', 'allow', 'deny', ['risk', 'etl-may']],
    ['drop', 'ask', 'deny', ['risk', 'ask-first']],
    ['drop', 'deny', 'deny', ['never']],
  ])('of %s makes of %s: %s', (verb, byRules, outcome, named) => {
    const decision = judgeBy({ risk: MODEL }, byRules).judge(request(verb));
    expect([decision.outcome, decision.reasons.map(({ rule }) => rule), decision.ask !== undefined]).toEqual([outcome, named, outcome === 'ask']);
    expect(decision.risk?.score).toBe({ insert: 10, delete: 60, drop: 90 }[verb as 'insert']);
  });

  it('asks for the most that rules or the model want, within the shorter window, as bounded and signed, naming its score, and neither in a chat, nor in a transaction, nor by a broken glass', () => {
    const { ask, risk } = judgeBy({ risk: MODEL }, 'ask').judge(request('delete'));
    expect(ask).toEqual({ quorum: [{ role: 'dba', count: 2 }, { role: 'security', count: 1 }], rules: ['ask-first', 'risk'], ruleHash: 'h', windowSeconds: 300, waitSeconds: 300, preview: 'exact', maxRows: 12, signed: 'webauthn', risk: { model: risk!.model, score: 60 }, notInTransaction: ['risk'] });
  });

  const granted = (judge: Judge, change: Partial<GrantFact> = {}): GrantFact => {
    const { rules, ruleHash, risk } = judge.judge(request('delete')).ask!;
    return { id: 'g', rules, ruleHash, approvers: ['dba'], ...(risk && { risk }), ...change };
  };

  it.each(['allow', 'ask'] as const)('is lifted by a grant that names model and score, where rules %s', (byRules) => {
    const judge = judgeBy({ risk: MODEL }, byRules);
    const decision = judge.judge(request('delete', { grant: granted(judge) }));
    expect([decision.outcome, decision.reasons.map(({ rule }) => rule)]).toEqual(['allow', ['etl-may', 'risk']]);
    expect(decision.reasons[1]!.message).toBe('Lifted by grant g: Its risk is 60: 60 because delete is done.');
  });

  it('is not lifted by a grant of another model, of a lower score, or of rules alone', () => {
    const judge = judgeBy({ risk: MODEL }, 'ask');
    const { risk } = granted(judge);
    for (const grant of [granted(judge, { risk: { ...risk!, model: 'x' } }), granted(judge, { risk: { ...risk!, score: 59 } }), { id: 'g', rules: ['ask-first'], ruleHash: 'h', approvers: ['dba'] }]) {
      expect(judge.judge(request('delete', { grant })).outcome).toBe('ask');
    }
  });

  it('that rose since people agreed is asked about anew, and says so', () => {
    const judge = judgeBy({ risk: MODEL });
    const { outcome, reasons: [first] } = judge.judge(request('delete', { grant: granted(judge), circumstances: quiet(1) }));
    expect([outcome, first!.message]).toEqual(['ask', 'From risk 60 on people decide. People agreed to 60, and it has risen since. Its risk is 75: 60 because delete is done; 15 because 1 denial within 5 minutes, more than 0.']);
  });

  it('above which a command is denied is lifted by nobody', () => {
    const judge = judgeBy({ risk: MODEL });
    const grant = granted(judge, { risk: { model: judge.judge(request('drop')).risk!.model, score: 1_000 } });
    expect(judge.judge(request('drop', { grant })).outcome).toBe('deny');
  });

  it('leaves the rules to their own: they are asked without it, and what they remember is not changed', () => {
    const judge = judgeBy({ risk: MODEL });
    const grant = granted(judge);
    judge.judge(request('delete', { grant }));
    expect(judge.seen.at(-1)?.grant).toBeUndefined();
    expect(judge.judge(request('insert')).reasons).toBe(reasons.allow);
  });

  it('is judged by the target of the configuration in force, whatever the session was opened with', () => {
    const labelled = judgeBy({ risk: model({ labels: [{ label: 'env', is: 'production', points: 1 }] }) });
    expect(labelled.judge(request('select', { target: { ...SHOP, labels: {} } })).outcome).toBe('deny');
  });
});

describe('a dynamic separation', () => {
  const dynamic = (...between: [object, object]): Partial<Configuration> => ({ separation: { exclusiveRoles: [], tasks: [], approvers: 'by-role', dynamic: [{ name: 'apart', kind: 'session', between: between as never, reason: 'Whoever enters does not pay.' }] } });
  const PAYOUTS = { resource: 'Table::"shop/public/payouts"' };
  const ENTER_OR_PAY = dynamic({ verb: 'insert', ...PAYOUTS }, { verb: 'update', ...PAYOUTS });
  const had = (side: 0 | 1): ExercisedAct[] => [{ separation: 'apart', side, act: 'what it did', command: 's.1' }];
  const MOVED: ExercisedAct[] = ([0, 1] as const).map((side) => ({ ...had(side)[0]!, moves: true }));
  const keep = (part: Partial<Configuration>, what: ReturnType<typeof action>, exercised?: ExercisedAct[]) => judgeBy(part).judge({ principal: ETL, target: SHOP, action: what, ...(exercised && { circumstances: circumstances({ exercised }) }) });

  it('tells what a command exercises', () => {
    expect(keep(ENTER_OR_PAY, action([access('insert', 'payouts')]), []).exercises).toEqual([{ separation: 'apart', side: 0, act: 'insert on table shop/public/payouts' }]);
    expect(keep(ENTER_OR_PAY, action([access('insert', 'orders')]), []).exercises).toBeUndefined();
  });

  it('refuses the second act, naming itself and both', () => {
    const decision = keep(ENTER_OR_PAY, action([access('update', 'payouts')]), had(0));
    expect([decision.outcome, decision.reasons[0]]).toEqual(['deny', {
      rule: 'apart', effect: 'forbid', hint: 'Let another party do it, in a session of theirs.',
      message: 'Whoever enters does not pay. This session has done the other: what it did (command s.1); now it asks for update on table shop/public/payouts.',
    }]);
  });

  it.each<[string, Partial<Configuration>, ReturnType<typeof action>, ExercisedAct[] | undefined, Decision['outcome']]>([
    ['the first act', ENTER_OR_PAY, action([access('update', 'payouts')]), [], 'allow'],
    ['the same act again', ENTER_OR_PAY, action([access('update', 'payouts')]), had(1), 'allow'],
    ['the other act elsewhere', ENTER_OR_PAY, action([access('update', 'orders')]), had(0), 'allow'],
    ['the other side of another separation', ENTER_OR_PAY, action([access('update', 'payouts')]), [{ ...had(0)[0]!, separation: 'other' }], 'allow'],
    ['both in one command', ENTER_OR_PAY, action([access('insert', 'payouts'), access('update', 'payouts')]), [], 'deny'],
    ['a session of which nothing is told', ENTER_OR_PAY, action([access('update', 'payouts')]), undefined, 'deny'],
    ['another verb of the duty', dynamic({ duty: 'delete', ...PAYOUTS }, { verb: 'insert', ...PAYOUTS }), action([access('truncate', 'payouts')]), had(1), 'deny'],
    ['the schema that holds it', dynamic({ duty: 'delete', ...PAYOUTS }, { verb: 'insert' }), action([access('drop', 'public', 'schema')]), had(1), 'deny'],
    ['another schema', dynamic({ duty: 'delete', ...PAYOUTS }, { verb: 'insert' }), action([access('drop', 'publi', 'schema')]), had(1), 'allow'],
    ['anything in a schema', dynamic({ verb: 'update', resource: 'Schema::"shop/public"' }, { verb: 'insert' }), action([access('update', 'x')]), had(1), 'deny'],
    ['anything at a target', dynamic({ verb: 'update', resource: 'Target::"shop"' }, { verb: 'insert' }), action([access('update', 'x')]), had(1), 'deny'],
    ['anything at another target', dynamic({ verb: 'update', resource: 'Target::"shop2"' }, { verb: 'insert' }), action([access('update', 'x')]), had(1), 'allow'],
    ['something that takes others with it', dynamic({ duty: 'delete', ...PAYOUTS }, { verb: 'insert' }), action([access('drop', 'x')], { cascade: true }), had(1), 'deny'],
    ['something like it in another schema', ENTER_OR_PAY, action([access('update', 'payouts', 'table', 'public/payouts')]), had(0), 'allow'],
    ['something of that name, of which the schema is not known', ENTER_OR_PAY, action([access('update', 'payouts', 'table', '?')]), had(0), 'deny'],
    ['something of another name, of which the schema is not known', ENTER_OR_PAY, action([access('update', 'orders', 'table', '?')]), had(0), 'allow'],
    ['anything of which the schema is not known', dynamic({ verb: 'update', resource: 'Schema::"shop/public"' }, { verb: 'insert' }), action([access('update', 'x', 'table', '?')]), had(1), 'deny'],
    ['a view of that name', ENTER_OR_PAY, action([access('update', 'payouts', 'view')]), had(0), 'allow'],
    ['a view over it', ENTER_OR_PAY, action([access('update', 'payouts_view', 'view')], { viewBaseTables: ['public.payouts'] }), had(0), 'deny'],
    ['a view over something in a schema', dynamic({ verb: 'update', resource: 'Schema::"shop/public"' }, { verb: 'insert' }), action([access('update', 'v', 'view', 'other')], { viewBaseTables: ['public.x'] }), had(1), 'deny'],
    ['a view over something else', ENTER_OR_PAY, action([access('update', 'v', 'view')], { viewBaseTables: ['public.orders', 'other.payouts'] }), had(0), 'allow'],
    ['a table beside a view over it', ENTER_OR_PAY, action([access('update', 'orders'), access('select', 'v', 'view')], { viewBaseTables: ['public.payouts'] }), had(0), 'allow'],
    ['code that cannot be looked into: it may do both', ENTER_OR_PAY, action([access('do', 'x', 'target')], { opaque: true }), [], 'deny'],
    ['code of which that is not said', ENTER_OR_PAY, { ...action([access('select')]), facts: {} }, [], 'deny'],
    ['code that cannot be looked into, elsewhere', dynamic({ verb: 'insert', resource: 'Target::"bank"' }, { verb: 'update', resource: 'Target::"bank"' }), action([access('do', 'x', 'target')], { opaque: true }), [], 'allow'],
    ['what moves its name, in a session that did neither', ENTER_OR_PAY, action([access('alter', 'payouts')]), [], 'allow'],
    ['what moves its name again', ENTER_OR_PAY, action([access('rename', 'payouts')]), MOVED, 'allow'],
    ['what moves its name, behind an act', ENTER_OR_PAY, action([access('alter', 'payouts')]), had(0), 'deny'],
    ['what moves the schema that holds it, behind an act', ENTER_OR_PAY, action([access('alter', 'public', 'schema')]), had(1), 'deny'],
    ['an act under any name, once names have moved', ENTER_OR_PAY, action([access('insert', 'whatever')]), MOVED, 'deny'],
    ['something else, once names have moved', ENTER_OR_PAY, action([access('select', 'whatever')]), MOVED, 'allow'],
    ['a change of something else, behind an act', ENTER_OR_PAY, action([access('alter', 'orders')]), had(0), 'allow'],
    ['what a role permits', dynamic({ role: 'etl' }, { role: 'clerk' }), action([access('select')]), had(1), 'deny'],
    ['what a role permits that the principal does not have', dynamic({ role: 'other' }, { role: 'clerk' }), action([access('select')]), had(1), 'allow'],
  ])('%s', (_, part, what, exercised, outcome) => expect(keep(part, what, exercised).outcome).toBe(outcome));

  it('is not lifted by people, and denies what else would ask', () => {
    const decision = judgeBy({ ...ENTER_OR_PAY, risk: MODEL }, 'ask').judge(request('update', { action: action([access('update', 'payouts'), access('delete')]), circumstances: { ...quiet(), exercised: had(0) } }));
    expect([decision.outcome, decision.ask, decision.reasons.map(({ rule }) => rule)]).toEqual(['deny', undefined, ['apart', 'ask-first', 'risk']]);
  });
});

describe('a separation over a window', () => {
  const PAYOUTS = { resource: 'Table::"shop/public/payouts"' };
  const window = (between: readonly object[] = [{ verb: 'insert', ...PAYOUTS }, { verb: 'update', ...PAYOUTS }]): Partial<Configuration> =>
    ({ separation: { exclusiveRoles: [], tasks: [], approvers: 'by-role', dynamic: [{ name: 'apart', kind: 'window', windowSeconds: 86_400, between: between as never, reason: 'Whoever enters does not pay.' }] } });
  const AT = '2026-01-07T12:00:00.000Z';
  const had = (side: 0 | 1, more: Partial<ExercisedAct> = {}): ExercisedAct => ({ separation: 'apart', side, act: 'what it did', command: 's.1', by: 'agent-other', behind: 'human ann', at: '2026-01-06T13:00:00.000Z', ...more });
  const keep = (what: ReturnType<typeof action>, exercised: ExercisedAct[] | undefined, principal = ETL) => judgeBy(window()).judge({ principal, target: SHOP, action: what, ...(exercised && { circumstances: circumstances({ at: AT, exercised }) }) });
  const pay = action([access('update', 'payouts')]);

  it('tells what a command exercises, and when', () => {
    expect(keep(pay, []).exercises).toEqual([{ separation: 'apart', side: 1, act: 'update on table shop/public/payouts', at: AT }]);
  });

  it('refuses the second act, naming who did the first, who stands behind both, and until when', () => {
    expect(keep(pay, [had(0)]).reasons[0]).toEqual({
      rule: 'apart', effect: 'forbid', hint: 'Let another party do it, or send it after 2026-01-07T13:00:00.000Z.',
      message: `Whoever enters does not pay. The other was done: what it did by agent-other (command s.1), and human ann stands behind both; now ${ETL.name} asks for update on table shop/public/payouts. They are kept apart for 24 h, until 2026-01-07T13:00:00.000Z.`,
    });
  });

  it('of several acts tells the one that stands in the way the longest', () => {
    expect(keep(pay, [had(0), had(0, { at: AT, by: 'agent-last' })]).reasons[0]!.message).toContain('by agent-last (command s.1)');
  });

  it.each<[string, ReturnType<typeof action>, ExercisedAct[] | undefined, Decision['outcome']]>([
    ['the same act again', pay, [had(1)], 'allow'],
    ['the other act, a window later', pay, [had(0, { at: '2026-01-06T12:00:00.000Z' })], 'allow'],
    ['the other act, of which it is not told when', pay, [had(0, { at: undefined })], 'deny'],
    ['both in one command', action([access('insert', 'payouts'), access('update', 'payouts')]), [], 'deny'],
    ['a party of which nothing is told', pay, undefined, 'deny'],
    ['what moves its name, behind an act', action([access('alter', 'payouts')]), [had(0)], 'deny'],
    ['an act under any name, once names have moved', action([access('insert', 'whatever')]), [had(0, { moves: true }), had(1, { moves: true })], 'deny'],
    ['an act under any name, once that is over', action([access('insert', 'whatever')]), [had(0, { moves: true, at: '2026-01-05T13:00:00.000Z' })], 'allow'],
    ['something else', action([access('select', 'payouts')]), [had(0)], 'allow'],
  ])('%s', (_what, what, exercised, outcome) => expect(keep(what, exercised).outcome).toBe(outcome));

  it('refuses either act to whom nobody is known to stand behind, and nothing else', () => {
    const nobodys = { ...ETL, party: [] };
    expect(keep(pay, [], nobodys).reasons[0]).toMatchObject({ rule: 'apart', hint: `Name the owners of ${ETL.name} in interlock.yaml.` });
    expect(keep(action([access('select', 'payouts')]), [], nobodys).outcome).toBe('allow');
  });

  it.each<[string, ReturnType<typeof action>, boolean]>([
    ['either act', pay, true],
    ['either act under another name: names may have moved', action([access('insert', 'orders')]), true],
    ['what moves its name', action([access('rename', 'payouts')]), true],
    ['code that cannot be looked into', action([access('do', 'x', 'target')], { opaque: true }), true],
    ['neither', action([access('select', 'payouts')]), false],
  ])('wants to be told what the party did, for %s', (_what, what, isWanted) => {
    expect(judgeBy(window()).windowsOn!(ETL, SHOP, what).map(({ name }) => name)).toEqual(isWanted ? ['apart'] : []);
  });

  it('wants it for whatever one of its roles may permit', () => {
    const judge = judgeBy(window([{ role: 'etl' }, { role: 'clerk' }]));
    expect([ETL, { ...ETL, roles: ['other'] }].map((principal) => judge.windowsOn!(principal, SHOP, pay).length)).toEqual([1, 0]);
  });
});

it('a zone that this machine does not know leaves no judge', () => {
  expect(compileBy({ risk: model({ timeZone: 'Mars/Olympus' }) }).compiled).toMatchObject({ ok: false, refusal: { reason: 'risk_invalid', detail: expect.stringContaining('Mars/Olympus') } });
});

it('where neither is declared, rules decide by themselves and are told nothing more', () => {
  const judge = judgeBy({});
  expect(judge.judge(request('drop'))).toEqual({ outcome: 'allow', reasons: reasons.allow, bundleVersion: 3 });
  expect(judge.wants).toBeUndefined();
});
