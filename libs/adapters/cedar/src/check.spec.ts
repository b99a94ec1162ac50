import { describe, expect, it } from 'vitest';
import { policy } from '../spec/given.js';
import { checkPolicies } from './check.js';
import { CEDAR_LIMITS } from './limits.js';
import { describeProblem } from './problem.js';

const GOOD = '@id("good") @reason("x")\nforbid (principal, action, resource);';
const problems = (...texts: string[]) => checkPolicies(policy(...texts)).problems.map(describeProblem);

describe('rules are taken', () => {
  it('with comments, strings that hold semicolons, and text beyond ASCII', () => {
    const text = '// ein Kommentar; mit Semikolon é😀\n@id("a") @reason("Nein; \\"//\\" nie. é")\nforbid (principal, action, resource) // ; here\nwhen { resource.name == ";" };\n\n@id("b") permit (principal, action, resource); // end';
    const { rules, problems: found } = checkPolicies(policy(text));
    expect(found).toEqual([]);
    expect(rules.map(({ id, effect, line, column, message }) => ({ id, effect, line, column, message }))).toEqual([
      { id: 'a', effect: 'forbid', line: 2, column: 1, message: 'Nein; "//" nie. é' },
      { id: 'b', effect: 'permit', line: 6, column: 1, message: 'Rule b applies.' },
    ]);
    expect(rules[1]!.text).toBe('@id("b") permit (principal, action, resource);');
  });

  it('with approvers and windows', () => {
    const lift = (annotations: string) => checkPolicies(policy(`@id("a") @reason("x") ${annotations} forbid (principal, action, resource);`)).rules[0]!.lift;
    expect(lift('@approvers("dba")')).toEqual({ quorum: [{ role: 'dba', count: 1 }], windowSeconds: 900, waitSeconds: 300, requires: [] });
    expect(lift('@approvers("dba:2, security:1") @window("2h")')).toEqual({ quorum: [{ role: 'dba', count: 2 }, { role: 'security', count: 1 }], windowSeconds: 7_200, waitSeconds: 300, requires: [] });
    expect(lift('@approvers("dba") @signed("webauthn")')).toMatchObject({ signed: 'webauthn' });
    expect(lift('@approvers("dba") @window("2h") @wait("90s")')).toMatchObject({ windowSeconds: 7_200, waitSeconds: 90 });
    expect(lift('@approvers("dba") @window("4s")')).toMatchObject({ windowSeconds: 4, waitSeconds: 4 });
    expect(lift('@approvers("dba") @limit("20/1h")')).toMatchObject({ limit: { count: 20, seconds: 3_600 } });
    expect(lift('@approvers("dba") @accepts("slack")')).toMatchObject({ accepts: ['slack'] });
  });

  it('with a preview and a bound', () => {
    const lift = (annotations: string) => checkPolicies(policy(`@id("a") @reason("x") @approvers("dba") ${annotations} forbid (principal, action, resource);`)).rules[0]!.lift;
    expect(lift('@preview("exact") @max_rows("12")')).toEqual({ quorum: [{ role: 'dba', count: 1 }], windowSeconds: 900, waitSeconds: 300, requires: [], preview: 'exact', maxRows: 12 });
    expect(lift('@max_rows("0")')).toMatchObject({ maxRows: 0 });
    expect(lift('@wait_in_transaction("30s")')).toMatchObject({ waitInTransactionSeconds: 30 });
  });

  it('when there are none at all', () => {
    expect(checkPolicies(policy('', '// nothing\n'))).toEqual({ rules: [], problems: [] });
  });
});

describe('an author is told where and what was expected', () => {
  it.each<[string, string, RegExp]>([
    ['a slip of the pen', `${GOOD}\n// é😀\n@id("a") permit (principal,, action);`, /^policies\/p0\.cedar:4:28: unexpected token `,`; expected `\)` or identifier$/],
    ['a missing semicolon', '@id("a") permit (principal, action, resource)', /^policies\/p0\.cedar:1:46: unexpected end of input; expected /],
    ['an open string', '@id("a permit (principal, action, resource);', /^policies\/p0\.cedar:1:/],
    ['a template', '@id("a") permit (principal == ?principal, action, resource);', /^policies\/p0\.cedar:1:31: expected a static policy/],
    ['an unknown entity type', '@id("a") permit (principal, action, resource is Tabel);', /^policies\/p0\.cedar:1:49: unrecognized entity type `Tabel` \(did you mean `Table`\?\)$/],
    ['an unknown verb', '@id("a")\npermit (principal, action == Action::"slect", resource);', /^policies\/p0\.cedar:2:30: unrecognized action `Action::"slect"`/],
    ['an unknown fact', '@id("a")\npermit (principal, action, resource)\nwhen { context.hasWere };', /^policies\/p0\.cedar:3:8: attribute `hasWere` in context for Action::"\w+" not found \(did you mean `hasWhere`\?\)$/],
    ['a wrong type', '@id("a")\npermit (principal, action, resource)\nwhen { context.statementCount == "one" };', /^policies\/p0\.cedar:3:8: the types Long and String are not compatible/],
    ['a tag that may be absent', '@id("a") permit (principal, action, resource) when { context.target.getTag("env") == "x" };', /unable to guarantee safety of access to tag/],
    ['a rule that can never apply', '@id("a") permit (principal, action, resource) when { false };', /^policies\/p0\.cedar:1:1: policy is impossible/],
    ['a duty in place of a verb', '@id("a") permit (principal, action == Action::"modify", resource);', /^policies\/p0\.cedar:1:1: no command is ever Action::"modify" itself: it is the duty of the verbs .*update.*; expected `action in Action::"modify"`$/],
    ['a duty that no command has', '@id("a") permit (principal, action == Action::"approve", resource);', /^policies\/p0\.cedar:1:1: no command is ever Action::"approve" itself: .*; expected another action/],
    ['no id', '@reason("x") forbid (principal, action, resource);', /^policies\/p0\.cedar:1:1: the rule has no @id; expected @id/],
    ['an id that is no name', '@id("No Good") permit (principal, action, resource);', /1:1: the id "No Good" is not a name; expected a name of lower-case/],
    ['an id of Interlock\'s own', '@id("default-deny") permit (principal, action, resource);', /the id default-deny is Interlock's own/],
    ['no reason on a forbid', '@id("a") forbid (principal, action, resource);', /the forbid has no @reason/],
    ['an empty reason', '@id("a") @reason forbid (principal, action, resource);', /1:10: @reason says nothing/],
    ['a misspelt annotation', '@id("a") @reason("x")\n@aprovers("dba") forbid (principal, action, resource);', /^policies\/p0\.cedar:2:1: there is no annotation @aprovers; expected one of @id, @reason, @hint, @approvers, @window, @wait, @wait_in_transaction, @requires, @accepts, @preview, @max_rows, @signed, @limit, @break_glass, @reviewers, @review_within$/],
    ['an annotation given twice', '@id("a") @id("b") permit (principal, action, resource);', /1:10: duplicate annotation: @id/],
    ['approvers on a permit', '@id("a") @approvers("dba") permit (principal, action, resource);', /1:10: a permit has nothing to lift/],
    ['a window without approvers', '@id("a") @reason("x") @window("5m") forbid (principal, action, resource);', /@window without approvers means nothing; expected @approvers\("role"\) beside @window/],
    ['what nobody is asked for', '@id("a") @reason("x") @requires("reason") forbid (principal, action, resource);', /@requires without approvers means nothing/],
    ['a requirement of something that cannot be stated', '@id("a") @reason("x") @approvers("dba") @requires("reason, mood") forbid (principal, action, resource);', /"reason, mood" names nothing that a command can state; expected reason or ticket/],
    ['a signature without approvers', '@id("a") @reason("x") @signed("webauthn") forbid (principal, action, resource);', /@signed without approvers/],
    ['a signature of an unknown kind', '@id("a") @reason("x") @approvers("dba") @signed("pgp") forbid (principal, action, resource);', /"pgp" is no kind of signature; expected "webauthn"/],
    ['a signature inside a transaction', '@id("a") @reason("x") @approvers("dba") @signed("webauthn") @wait_in_transaction("9s") forbid (principal, action, resource);', /cannot wait inside a transaction/],
    ['a wait without approvers', '@id("a") @reason("x") @wait("5m") forbid (principal, action, resource);', /@wait without approvers/],
    ['a wait that is longer than its window', '@id("a") @reason("x") @approvers("dba") @window("5m") @wait("6m") forbid (principal, action, resource);', /"6m" is not a wait; expected .* no longer than the window/],
    ['a window that is none', '@id("a") @reason("x") @approvers("dba") @window("5 minutes") forbid (principal, action, resource);', /"5 minutes" is not a window; expected a whole number of s, m or h up to 24h/],
    ['a window beyond a day', '@id("a") @reason("x") @approvers("dba") @window("25h") forbid (principal, action, resource);', /"25h" is not a window/],
    ['a limit without approvers', '@id("a") @reason("x") @limit("3/1h") forbid (principal, action, resource);', /1:23: @limit without approvers means nothing/],
    ...['3', '0/1h', '3/2d', '3/1h/1h', '3/25h'].map((limit) => [`a limit of ${limit}`, `@id("a") @reason("x") @approvers("dba") @limit("${limit}") forbid (principal, action, resource);`, /is not a limit; expected how often within how long, up to 24h, as in "20\/1h"/] as [string, string, RegExp]),
    ['a chat without approvers', '@id("a") @reason("x") @accepts("slack") forbid (principal, action, resource);', /1:23: @accepts without approvers means nothing/],
    ['a chat whose word nobody signs', '@id("a") @reason("x") @approvers("dba") @accepts("teams") forbid (principal, action, resource);', /1:41: "teams" names no chat in which people may approve; expected "slack"/],
    ['a chat named twice', '@id("a") @reason("x") @approvers("dba") @accepts("slack, slack") forbid (principal, action, resource);', /names no chat/],
    ['a wait in a transaction that is longer than the wait', '@id("a") @reason("x") @approvers("dba") @wait("1m") @wait_in_transaction("61s") forbid (principal, action, resource);', /"61s" is not a wait in a transaction; expected .* no longer than the wait/],
    ['a bound without approvers', '@id("a") @reason("x") @max_rows("12") forbid (principal, action, resource);', /1:23: @max_rows without approvers means nothing/],
    ['a bound that is no number', '@id("a") @reason("x") @approvers("dba") @max_rows("1e3") forbid (principal, action, resource);', /1:41: "1e3" is no number of rows; expected a whole number of 0 to 1000000/],
    ['a bound beyond the limit', '@id("a") @reason("x") @approvers("dba") @max_rows("1000001") forbid (principal, action, resource);', /"1000001" is no number of rows/],
    ['a preview that is none', '@id("a") @reason("x") @approvers("dba") @preview("dry-run") forbid (principal, action, resource);', /1:41: "dry-run" is no preview; expected "exact"/],
    ['a quorum of nobody', '@id("a") @reason("x") @approvers("dba:0") forbid (principal, action, resource);', /"dba:0" names no approvers/],
    ['a role named twice', '@id("a") @reason("x") @approvers("dba,dba:2") forbid (principal, action, resource);', /names no approvers/],
    ['a quorum left empty', '@id("a") @reason("x") @approvers("dba,") forbid (principal, action, resource);', /names no approvers/],
    ['text that is not Unicode', '// \ud800', /not Unicode text/],
  ])('%s', (_, text, expected) => {
    expect(problems(text)[0]).toMatch(expected);
  });

  it('of a rule hidden behind a bare carriage return', () => {
    expect(problems('// all good\r@id("a") permit (principal, action, resorce);')[0]).toMatch(/resorce/);
  });

  it('of an id used twice, over all files', () => {
    expect(problems(GOOD, `\n${GOOD}`)).toEqual(['policies/p1.cedar:2:1: the id good is taken by the rule at policies/p0.cedar:1; expected an id that no other rule has']);
  });

  it('of every problem at once, in the order of the files', () => {
    const found = checkPolicies(policy('@id("a") permit (principal action, resource);\npermit (principal, action, resource);', '@id("b") forbid (principal, action, resource);')).problems;
    expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual(['policies/p0.cedar:1', 'policies/p0.cedar:2', 'policies/p1.cedar:1']);
  });

  it.each([
    ['one rule', '@id("a") @reason("x")\nforbid (principal, action, resource)\nwhen { [XS].containsAll(context.columnsRead) };', CEDAR_LIMITS.ruleParts + 1, /^policies\/p0\.cedar:1:1: the rule has 10\d\d parts; expected at most 1000 operators/],
    ['sets in sets', '@id("a") @reason("x") forbid (principal, action, resource) when { [[XS]].contains([context.command]) };', CEDAR_LIMITS.ruleParts + 1, /^policies\/p0\.cedar:1:1: the rule has 10\d\d parts/],
  ])('of a rule that would be checked for long: %s', (_, text, elements, expected) => {
    expect(problems(text.replace('XS', Array.from({ length: elements }, (_one, index) => `"c${index}"`).join(',')))).toEqual([expect.stringMatching(expected)]);
  });

  it('of rules that would be checked for minutes together, where they grow too large', () => {
    const rules = (question: string): string => Array.from({ length: 30 }, (_, id) => `@id("r${id}") @reason("x") forbid (principal, action, resource) when { ${question}[${'1,'.repeat(900)}2].contains(context.textBytes) };`).join('\n');
    expect(problems(rules(''))).toEqual([]);
    expect(problems(rules('action != Action::"drop" && '))).toEqual([expect.stringMatching(/^policies\/p0\.cedar:11:1: the rules up to here have too many parts; expected at most 500000 operators/)]);
  });

  it('under every verb when a rule asks which action it is', () => {
    expect(problems('@id("a") permit (principal, action, resource) when { action == Action::"insert" };')).toEqual([]);
    expect(problems('@id("a") permit (principal, action in Action::"read", resource) when { action == Action::"insert" };')).toEqual([expect.stringContaining('policy is impossible')]);
  });

  it('of more rules, longer rules and longer files than are allowed', () => {
    const many = Array.from({ length: CEDAR_LIMITS.rules + 1 }, (_, index) => `@id("r${index}") permit (principal, action, resource);`).join('\n');
    expect(problems(many)).toEqual([expect.stringContaining('at most 5000 rules')]);
    expect(problems(`@id("a") @reason("${'x'.repeat(CEDAR_LIMITS.ruleBytes)}") forbid (principal, action, resource);`)).toEqual([expect.stringContaining('the rule is too long')]);
    expect(problems(' '.repeat(CEDAR_LIMITS.fileBytes + 1))).toEqual([expect.stringContaining('the file is too long')]);
  });
});
