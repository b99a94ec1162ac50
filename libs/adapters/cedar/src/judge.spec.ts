import type { Decision, GrantFact } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { access, action, DBA, ETL, judge, SANDBOX, SHOP } from '../spec/given.js';

const READ = '@id("etl-reads") @reason("ETL reads the shop.")\npermit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");';
const WRITE = '@id("etl-writes")\npermit (principal in Role::"etl", action in [Action::"modify", Action::"delete"], resource in Schema::"shop/public");';
const NO_DROP = '@id("no-drop") @reason("Tables are not dropped here.") @hint("Rename it instead.")\nforbid (principal, action == Action::"drop", resource);';
const ASK_DELETE = '@id("ask-delete") @reason("Deleting orders needs a DBA.") @approvers("dba") @window("15m")\nforbid (principal, action == Action::"delete", resource == Table::"shop/public/orders");';
const ASK_ALL = '@id("ask-all") @reason("Deleting needs two.") @approvers("dba:2,security:1") @window("5m")\nforbid (principal, action == Action::"delete", resource) unless { context.hasWhere };';

const granted = (decision: Decision): GrantFact => ({ id: 'g1', rules: decision.ask!.rules, ruleHash: decision.ask!.ruleHash, approvers: ['dba'] });

describe('a command is allowed', () => {
  it('when a rule permits its one access, and says which', () => {
    const decision = judge(READ).judge({ principal: ETL, target: SHOP, action: action([access('select', 'orders')]) });
    expect(decision).toEqual({ outcome: 'allow', bundleVersion: 7, reasons: [{ rule: 'etl-reads', effect: 'permit', message: 'ETL reads the shop.' }] });
  });

  it('only when every access is permitted', () => {
    const decision = judge(READ).judge({ principal: ETL, target: SHOP, action: action([access('select', 'orders'), access('update', 'orders')]) });
    expect(decision.outcome).toBe('deny');
    expect(decision.reasons).toEqual([expect.objectContaining({ rule: 'default-deny', message: 'No rule permits agent-etl to update on table shop/public/orders.' })]);
  });

  it('on the target itself, for a command that names no object', () => {
    const select = { verb: 'begin', duty: 'read' as const, object: { kind: 'target' as const, path: [] } };
    expect(judge(READ).judge({ principal: ETL, target: SHOP, action: action([select]) }).outcome).toBe('allow');
    expect(judge(READ).judge({ principal: ETL, target: SANDBOX, action: action([select]) }).outcome).toBe('deny');
  });

  it('on another database of the same server, named below the target', () => {
    const rules = judge('@id("annex")\npermit (principal, action == Action::"administer", resource == Database::"shop/annex");');
    const on = (name: string) => rules.judge({ principal: ETL, target: SHOP, action: action([{ verb: 'administer', duty: 'administer', object: { kind: 'database', path: ['shop', name] } }]) }).outcome;
    expect(on('annex')).toBe('allow');
    expect(on('other')).toBe('deny');
  });
});

describe('a command is denied', () => {
  it.each([
    ['that nothing permits', READ, DBA, action([access('select', 'orders')]), 'default-deny'],
    ['that names nothing', READ, ETL, action([]), 'default-deny'],
    ['of a service', READ, { ...ETL, kind: 'service' as const }, action([access('select', 'orders')]), 'default-deny'],
    ['that a rule forbids', READ + WRITE + NO_DROP, ETL, action([access('drop', 'orders')]), 'no-drop'],
    ['whose verb no rule can name', READ, ETL, action([{ ...access('select', 'orders'), verb: 'divine' }]), 'evaluation-error'],
    ['whose verb claims another duty', READ, ETL, action([{ ...access('drop', 'orders'), duty: 'read' as const }]), 'default-deny'],
    ['whose verb is a word of the language', READ, ETL, action([{ ...access('select', 'orders'), verb: 'toString' }]), 'evaluation-error'],
    ['whose object is not fully named', READ, ETL, action([{ ...access('select', 'orders'), object: { kind: 'table' as const, path: ['orders'] } }]), 'evaluation-error'],
    ['with too many accesses', READ, ETL, action(Array.from({ length: 513 }, () => access('select', 'orders'))), 'evaluation-error'],
  ])('%s', (_, rules, principal, command, rule) => {
    const decision = judge(rules).judge({ principal, target: SHOP, action: command });
    expect(decision.outcome).toBe('deny');
    expect(decision.reasons.map((reason) => reason.rule)).toEqual([rule]);
  });

  it('by a target that the bundle does not know, whatever the caller says of it', () => {
    const open = '@id("all") permit (principal, action, resource);';
    expect(judge(open).judge({ principal: ETL, target: { ...SHOP, name: 'elsewhere' }, action: action([access('select', 'orders')]) }).outcome).toBe('deny');
  });

  it('with the message and hint of the rule', () => {
    const decision = judge(READ, WRITE, NO_DROP).judge({ principal: ETL, target: SHOP, action: action([access('drop', 'orders')]) });
    expect(decision.reasons).toEqual([{ rule: 'no-drop', effect: 'forbid', message: 'Tables are not dropped here.', hint: 'Rename it instead.' }]);
  });

  it('when a rule fails while it is evaluated, even if another permits', () => {
    const overflow = '@id("sum") @reason("x")\nforbid (principal, action, resource) when { context.statementCount + 9223372036854775807 > 0 };';
    const decision = judge(READ, overflow).judge({ principal: ETL, target: SHOP, action: action([access('select', 'orders')]) });
    expect(decision.outcome).toBe('deny');
    expect(decision.reasons[0]).toMatchObject({ rule: 'evaluation-error' });
    expect(decision.reasons[0]!.message).toContain('sum');
  });

  it('when a fact has not the type that rules expect of it', () => {
    const command = action([access('select', 'orders')], { hasWhere: 'yes' });
    expect(judge(READ).judge({ principal: ETL, target: SHOP, action: command }).outcome).toBe('allow');
    expect(judge(READ, ASK_ALL).judge({ principal: ETL, target: SHOP, action: command })).toMatchObject({ outcome: 'deny', reasons: [{ rule: 'evaluation-error' }] });
  });
});

describe('a fact the interpreter leaves out', () => {
  const rule = (condition: string) => `@id("r") @reason("x")\nforbid (principal, action, resource) when { ${condition} };`;
  const without = (name: string) => {
    const command = action([access('select', 'orders')]);
    return { ...command, facts: Object.fromEntries(Object.entries(command.facts).filter(([fact]) => fact !== name)) };
  };

  it('counts as what favours the command least', () => {
    expect(judge(READ, rule('!context.hasWhere')).judge({ principal: ETL, target: SHOP, action: without('hasWhere') }).reasons[0]!.rule).toBe('r');
    expect(judge(READ, rule('context.tautology')).judge({ principal: ETL, target: SHOP, action: without('tautology') }).reasons[0]!.rule).toBe('r');
  });

  it('denies where nothing can be assumed of it and a rule reads it', () => {
    const reads = rule('context.functions.contains("pg_sleep")');
    expect(judge(READ, reads).judge({ principal: ETL, target: SHOP, action: without('functions') }).reasons[0]!.rule).toBe('evaluation-error');
    expect(judge(READ).judge({ principal: ETL, target: SHOP, action: without('functions') }).outcome).toBe('allow');
  });
});

describe('what rules can read', () => {
  const when = (condition: string) => judge(`@id("r")\npermit (principal, action, resource) when { ${condition} };`);
  const command = action([access('select', 'orders', { columnsRead: ['id', 'total'] })], { functions: ['now'] }, 'select é');
  it.each([
    ['resource.name == "orders" && resource.schema == "public"'],
    ['resource in Schema::"shop/public" && resource in Target::"shop" && resource is Table'],
    ['context.target.hasTag("env") && context.target.getTag("env") == "demo"'],
    ['context.session.hasTag("database") && context.session.getTag("database") == "shop"'],
    ['context.columnsRead.contains("total") && !context.columnsRead.contains("card")'],
    ['context.functions == ["now"] && context.statementCount == 1 && context.hasWhere'],
    ['context.textBytes == 9 && context.protocol == "postgres" && context.command == "select"'],
    ['principal.name == "agent-etl" && principal.roles.contains("etl") && principal.party == ["owner-etl"]'],
    ['!(context has grant)'],
  ])('%s', (condition) => {
    expect(when(condition).judge({ principal: ETL, target: SHOP, action: command }).outcome).toBe('allow');
    expect(when(`!(${condition})`).judge({ principal: ETL, target: SHOP, action: command }).outcome).toBe('deny');
  });
});

describe('two objects never share an id', () => {
  it('though their names hold slashes', () => {
    const rules = judge(READ, '@id("r") @reason("x")\nforbid (principal, action, resource == Table::"shop/a/b%2Fc");');
    const on = (...path: string[]) => rules.judge({ principal: ETL, target: SHOP, action: action([access('select', '', { object: { kind: 'table', path: ['shop', ...path] } })]) }).outcome;
    expect(on('a', 'b/c')).toBe('deny');
    expect(on('a/b', 'c')).toBe('allow');
    expect(on('a', 'b%2Fc')).toBe('allow');
  });
});

describe('people are asked', () => {
  const rules = [READ, WRITE, NO_DROP, ASK_DELETE, ASK_ALL];

  it('when only rules that they may lift stand in the way', () => {
    const decision = judge(...rules).judge({ principal: ETL, target: SHOP, action: action([access('delete', 'orders')]) });
    expect(decision).toMatchObject({
      outcome: 'ask',
      reasons: [{ rule: 'ask-delete', effect: 'forbid', message: 'Deleting orders needs a DBA.' }],
      ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['ask-delete'], windowSeconds: 900 },
    });
    expect(decision.ask!.ruleHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('for the union of several quorums, within the shortest window', () => {
    const decision = judge(...rules).judge({ principal: ETL, target: SHOP, action: action([access('delete', 'orders'), access('select', 'orders')], { hasWhere: false }) });
    expect(decision.ask).toMatchObject({ quorum: [{ role: 'dba', count: 2 }, { role: 'security', count: 1 }], rules: ['ask-all', 'ask-delete'], windowSeconds: 300 });
  });

  it('as often as each rule that asks says', () => {
    const limited = (rule: string): string => rule.replace('@window', '@limit("3/10m") @window');
    const limits = (...asking: string[]) => judge(READ, WRITE, ...asking).judge({ principal: ETL, target: SHOP, action: action([access('delete', 'orders')], { hasWhere: false }) }).ask?.limits?.map(({ count, seconds }) => `${count}/${seconds}`);
    expect([limits(limited(ASK_DELETE), limited(ASK_ALL)), limits(limited(ASK_DELETE), ASK_ALL), limits(ASK_DELETE, ASK_ALL)]).toEqual([['3/600', '3/600'], ['3/600'], undefined]);
  });

  it('in a chat as well only where every rule that asks accepts it', () => {
    const inChat = (rule: string): string => rule.replace('@window', '@accepts("slack") @window');
    const accepts = (...asking: string[]) => judge(READ, WRITE, ...asking).judge({ principal: ETL, target: SHOP, action: action([access('delete', 'orders')], { hasWhere: false }) }).ask?.accepts;
    expect([accepts(inChat(ASK_DELETE), inChat(ASK_ALL)), accepts(inChat(ASK_DELETE), ASK_ALL), accepts(ASK_DELETE, ASK_ALL)]).toEqual([['slack'], undefined, undefined]);
  });

  it('for the smallest of several bounds, and an exact preview where any rule wants one; grants of another bound lift nothing', () => {
    const bounded = ASK_DELETE.replace('@approvers("dba")', '@approvers("dba") @max_rows("20")');
    const request = { principal: ETL, target: SHOP, action: action([access('delete', 'orders'), access('select', 'orders')], { hasWhere: false }) };
    const asked = judge(READ, WRITE, bounded, ASK_ALL.replace('@approvers', '@max_rows("12") @preview("exact") @approvers')).judge(request);
    expect(asked.ask).toMatchObject({ rules: ['ask-all', 'ask-delete'], maxRows: 12, preview: 'exact' });
    expect(judge(READ, WRITE, bounded, ASK_ALL).judge(request).ask).toMatchObject({ maxRows: 20 });
    expect(judge(...rules).judge(request).ask).not.toHaveProperty('maxRows');
    expect(judge(READ, WRITE, bounded, ASK_ALL).judge({ ...request, grant: granted(asked) }).outcome).toBe('ask');
  });

  it('inside a transaction only where every rule that asks lets it wait there, for the shortest of their times', () => {
    const waits = (rule: string, seconds: number): string => rule.replace('@approvers', `@wait_in_transaction("${seconds}s") @approvers`);
    const request = { principal: ETL, target: SHOP, action: action([access('delete', 'orders'), access('select', 'orders')], { hasWhere: false }) };
    expect(judge(READ, WRITE, waits(ASK_DELETE, 30), waits(ASK_ALL, 20)).judge(request).ask).toMatchObject({ waitInTransactionSeconds: 20 });
    const { ask } = judge(READ, WRITE, waits(ASK_DELETE, 30), ASK_ALL).judge(request);
    expect([ask!.waitInTransactionSeconds, ask!.notInTransaction]).toEqual([undefined, ['ask-all']]);
    expect(judge(READ, WRITE, ASK_DELETE, ASK_ALL).judge(request).ask).not.toHaveProperty('notInTransaction');
  });

  it('not when the command would be denied anyway', () => {
    const unpermitted = judge(READ, ASK_DELETE).judge({ principal: ETL, target: SHOP, action: action([access('delete', 'orders')]) });
    expect(unpermitted).toMatchObject({ outcome: 'deny', reasons: [{ rule: 'default-deny' }] });
    const forbidden = judge(...rules).judge({ principal: ETL, target: SHOP, action: action([access('delete', 'orders'), access('drop', 'orders')]) });
    expect(forbidden).toMatchObject({ outcome: 'deny', reasons: [{ rule: 'no-drop' }] });
    expect(forbidden.ask).toBeUndefined();
  });
});

describe('a grant', () => {
  const rules = [READ, WRITE, ASK_DELETE, ASK_ALL];
  const command = action([access('delete', 'orders')]);
  const asked = judge(...rules).judge({ principal: ETL, target: SHOP, action: command });

  it('lifts the rules it names', () => {
    const decision = judge(...rules).judge({ principal: ETL, target: SHOP, action: command, grant: granted(asked) });
    expect(decision).toMatchObject({ outcome: 'allow', reasons: [{ rule: 'etl-writes' }, { rule: 'ask-delete', message: 'Lifted by grant g1: Deleting orders needs a DBA.' }] });
  });

  it('lifts no other rule', () => {
    const wider = action([access('delete', 'orders')], { hasWhere: false });
    const decision = judge(...rules).judge({ principal: ETL, target: SHOP, action: wider, grant: granted(asked) });
    expect(decision).toMatchObject({ outcome: 'ask', ask: { rules: ['ask-all'] } });
  });

  it.each([
    ['a changed reason', ASK_DELETE.replace('needs a DBA', 'needs the DBA')],
    ['another quorum', ASK_DELETE.replace('"dba"', '"dba:2"')],
    ['a wider scope', ASK_DELETE.replace('resource == Table::"shop/public/orders"', 'resource')],
  ])('is void after %s', (_, changed) => {
    const decision = judge(READ, WRITE, changed, ASK_ALL).judge({ principal: ETL, target: SHOP, action: command, grant: granted(asked) });
    expect(decision.outcome).toBe('ask');
  });

  it('lifts nothing when a rule it names is gone or was never liftable', () => {
    const ghost = { ...granted(asked), rules: ['ask-delete', 'ghost'] };
    expect(judge(...rules).judge({ principal: ETL, target: SHOP, action: command, grant: ghost }).outcome).toBe('ask');
  });

  it('never turns a firm refusal or a missing permit into a yes', () => {
    const firm = [READ, WRITE, ASK_DELETE, '@id("firm") @reason("x")\nforbid (principal, action == Action::"delete", resource);'];
    expect(judge(...firm).judge({ principal: ETL, target: SHOP, action: command, grant: granted(asked) })).toMatchObject({ outcome: 'deny', reasons: [{ rule: 'firm' }] });
    expect(judge(READ, ASK_DELETE).judge({ principal: ETL, target: SHOP, action: command, grant: granted(asked) })).toMatchObject({ outcome: 'deny', reasons: [{ rule: 'default-deny' }] });
  });

  it('can be read by rules', () => {
    const permit = '@id("only-granted")\npermit (principal, action, resource) when { context has grant && context.grant.approvers.contains("dba") };';
    expect(judge(permit, ASK_DELETE).judge({ principal: ETL, target: SHOP, action: command, grant: granted(asked) }).outcome).toBe('allow');
    expect(judge(permit).judge({ principal: ETL, target: SHOP, action: command }).outcome).toBe('deny');
  });
});

describe('a remembered decision', () => {
  it('is the same one, frozen, whatever the parameters and the text', () => {
    const rules = judge(READ);
    const first = rules.judge({ principal: ETL, target: SHOP, action: action([access('select', 'orders')], {}, 'select 1') });
    const parameters = [{ type: '23', format: 'text' as const, value: '7' }];
    expect(rules.judge({ principal: { ...ETL }, target: SHOP, action: { ...action([access('select', 'orders')], {}, 'select 22'), parameters } })).toBe(first);
    expect(Object.isFrozen(first) && Object.isFrozen(first.reasons[0])).toBe(true);
  });

  it('is not another principal\'s, role\'s, object\'s or fact\'s', () => {
    const rules = judge(READ, '@id("r") @reason("x")\nforbid (principal, action, resource) unless { context.hasWhere };');
    const outcome = (principal: typeof ETL, table: string, hasWhere: boolean) =>
      rules.judge({ principal, target: SHOP, action: action([access('select', table)], { hasWhere }) }).outcome;
    expect(outcome(ETL, 'orders', true)).toBe('allow');
    expect(outcome({ ...ETL, roles: ['other'] }, 'orders', true)).toBe('deny');
    expect(outcome({ ...ETL, roles: [] }, 'orders', true)).toBe('deny');
    expect(outcome(ETL, 'orders', false)).toBe('deny');
  });

  it('counts the text where a rule reads its length', () => {
    const rules = judge(READ, '@id("short") @reason("x")\nforbid (principal, action, resource) when { context.textBytes > 10 };');
    expect(rules.judge({ principal: ETL, target: SHOP, action: action([access('select', 'orders')], {}, 'short') }).outcome).toBe('allow');
    expect(rules.judge({ principal: ETL, target: SHOP, action: action([access('select', 'orders')], {}, 'longer than that') }).outcome).toBe('deny');
  });

  it('is never the answer to a request with a grant, nor left behind by one', () => {
    const rules = judge(READ, WRITE, ASK_DELETE);
    const command = action([access('delete', 'orders')]);
    const asked = rules.judge({ principal: ETL, target: SHOP, action: command });
    expect(rules.judge({ principal: ETL, target: SHOP, action: command, grant: granted(asked) }).outcome).toBe('allow');
    expect(rules.judge({ principal: ETL, target: SHOP, action: command })).toBe(asked);
  });
});

describe('the history of objects', () => {
  const MADE = '@id("made") @reason("Makers do not unmake.")\nforbid (principal, action in [Action::"modify", Action::"delete"], resource) when { context.ownCreation } unless { context.preexisting };';
  const ALL = '@id("all") permit (principal, action, resource);';
  const rules = judge(ALL, MADE);
  const twice = action([access('select', 'orders'), access('drop', 'orders')]);
  const by = (ownCreation: boolean, preexisting = false) => rules.judge({ principal: ETL, target: SHOP, action: twice, gathered: [null, { ownCreation, preexisting }] }).outcome;

  it('is read for the access that it belongs to', () => {
    expect([by(true), by(false), by(true, true)]).toEqual(['deny', 'allow', 'allow']);
    expect(rules.judge({ principal: ETL, target: SHOP, action: twice, gathered: [{ ownCreation: true, preexisting: false }, { ownCreation: false, preexisting: false }] }).outcome).toBe('allow');
  });

  it('that was not gathered counts against the command', () => {
    expect(rules.judge({ principal: ETL, target: SHOP, action: twice }).outcome).toBe('deny');
    expect(rules.judge({ principal: ETL, target: SHOP, action: twice, gathered: [null, null] }).outcome).toBe('deny');
  });

  it('is asked for where a rule reads it, and nowhere else', () => {
    expect([rules.readsHistoryAt('shop'), judge(ALL, NO_DROP).readsHistoryAt('shop')]).toEqual([true, false]);
    expect(['select', 'create', 'alter', 'drop', 'divine'].map((verb) => rules.readsHistoryOn(verb, 'shop'))).toEqual([false, false, true, true, false]);
  });

  it.each([
    ['resource', true, true], ['resource is Table', true, true], ['resource in Target::"shop"', true, false], ['resource == Table::"shop/public/orders"', true, false],
    ['resource is Table in Schema::"shop/public"', true, false], ['resource in Target::"sandbox"', false, true], ['resource in Target::"sho"', false, false],
  ])('is kept where the head of such a rule lets it apply: %s', (resource, atShop, atSandbox) => {
    const some = judge(ALL, `@id("made") @reason("x") forbid (principal, action == Action::"drop", ${resource}) when { context.ownCreation };`);
    expect(['shop', 'sandbox'].map((target) => some.readsHistoryAt(target))).toEqual([atShop, atSandbox]);
    expect(['shop', 'sandbox'].map((target) => some.readsHistoryOn('drop', target))).toEqual([atShop, atSandbox]);
  });
});

describe('a rule that asks only where something is stated', () => {
  const rules = judge(READ + WRITE + ASK_DELETE.replace('@window', '@requires("reason,ticket") @window'));
  const deletion = action([access('delete', 'orders')]);

  it.each<[string, object, string]>([
    ['nothing', {}, 'its reason and its ticket'],
    ['one of two', { stated: { reason: 'because' } }, 'its ticket, and'],
    ['the other', { stated: { ticket: 'OPS-1' } }, 'its reason, and'],
  ])('denies what states %s, and says how to state it', (_, more, missing) => {
    const decision = rules.judge({ principal: ETL, target: SHOP, action: { ...deletion, ...more } });
    expect(decision).toMatchObject({ outcome: 'deny', reasons: [{ rule: 'ask-delete', effect: 'forbid', message: expect.stringContaining(missing), hint: expect.stringContaining('/* interlock: ') }] });
    expect(decision.ask).toBeUndefined();
  });

  it('asks where all of it is, and runs by the grant', () => {
    const stating = { ...deletion, stated: { reason: 'because', ticket: 'OPS-1' } };
    const decision = rules.judge({ principal: ETL, target: SHOP, action: stating });
    expect(decision.outcome).toBe('ask');
    expect(rules.judge({ principal: ETL, target: SHOP, action: stating, grant: granted(decision) }).outcome).toBe('allow');
    expect(rules.judge({ principal: ETL, target: SHOP, action: deletion, grant: granted(decision) }).outcome).toBe('allow');
  });
});

describe('how many rows a target expects', () => {
  const ALL = '@id("all") permit (principal, action, resource);';
  const FEW = '@id("few") @reason("At most a hundred rows at once.") @approvers("dba") forbid (principal, action, resource in Target::"shop") when { [Action::"update", Action::"select"].contains(action) && context.estimatedRows > 100 };';
  const rules = judge(ALL, FEW);
  const of = (estimatedRows: number | undefined, verb: 'update' | 'select' | 'insert' = 'update') =>
    rules.judge({ principal: ETL, target: SHOP, action: action([access(verb, 'orders')]), ...(estimatedRows !== undefined && { gathered: [{ estimatedRows }] }) }).outcome;

  it('is read as it was gathered, and counts as too many where it was not', () => {
    expect([of(100), of(101), of(100), of(undefined), of(undefined, 'insert')]).toEqual(['allow', 'ask', 'allow', 'ask', 'allow']);
  });

  it('is asked for where a rule reads it, and nowhere else', () => {
    expect([rules.readsEstimateAt('shop'), rules.readsEstimateAt('attic'), judge(ALL).readsEstimateAt('shop'), rules.readsHistoryAt('shop')]).toEqual([true, false, false, false]);
    expect(['update', 'delete', 'truncate', 'begin'].map((verb) => rules.readsEstimateOn(verb, 'shop'))).toEqual([true, true, false, false]);
    const one = judge(ALL, FEW.replace('principal, action,', 'principal, action == Action::"update",'));
    expect(['update', 'delete'].map((verb) => one.readsEstimateOn(verb, 'shop'))).toEqual([true, false]);
  });
});
