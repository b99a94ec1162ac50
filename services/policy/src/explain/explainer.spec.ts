import { beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '@interlock/authoring';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { TighteningCompiler } from '@interlock/domain-policy';
import { loadParser } from '@interlock/language-postgres';
import type { AccessState, Bundle } from '@interlock/contracts';
import { files, YAML } from '../../../../libs/authoring/spec/files.js';
import { Explainer } from './explainer.js';

const RULES = `
@id("etl-reads") permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");
@id("etl-writes") permit (principal in Role::"etl", action in Action::"delete", resource in Schema::"shop/public");
@id("no-drop") @reason("Nothing is dropped.") @hint("Rename it.")
forbid (principal, action == Action::"drop", resource);
@id("ask") @reason("A DBA agrees first.") @approvers("dba")
forbid (principal, action == Action::"delete", resource == Table::"shop/public/orders");
@id("makers") @reason("Makers do not empty.")
forbid (principal, action == Action::"truncate", resource) when { context.ownCreation };
@id("few") @reason("A hundred rows at most.")
forbid (principal, action == Action::"delete", resource == Table::"shop/public/slips") when { context.estimatedRows > 100 };
`;

const MASKED = `${YAML}masking:
  columns:
    - { id: customer-email, target: shop, column: public.customers.email, transform: partial, except: [dba] }
    - { id: customer-card, target: shop, column: public.customers.card, transform: redact }
  content:
    - { target: shop, kinds: [email] }
`;

function explainer(yaml = YAML, rules = RULES) {
  const read = readConfiguration(files(yaml, rules));
  const bundle: Bundle = { version: 3, configuration: read.configuration!, policies: [...read.policies], change: 'c', author: 'dba', approvedBy: [], createdAt: '' };
  return new Explainer(new TighteningCompiler(new CedarJudgeCompiler()), () => bundle, () => Date.parse('2026-01-07T12:00:00Z'));
}

function explain(text: string, as = 'agent-etl', target = 'shop', yaml = YAML) {
  const outcome = explainer(yaml).explain(as, target, text);
  if (!outcome.ok) throw new Error(outcome.refusal.reason);
  return outcome.value;
}

beforeAll(() => loadParser());

describe('an explanation', () => {
  it('names the rule that permits, its file and its text', () => {
    expect(explain('select 1')).toMatchObject({ decision: { outcome: 'allow', bundleVersion: 3, reasons: [{ rule: 'etl-reads' }] }, policies: [{ rule: 'etl-reads', file: 'policies/shop.cedar', text: expect.stringContaining('permit') }] });
  });

  it('names the rule that forbids', () => {
    expect(explain('drop table public.customers')).toMatchObject({ decision: { outcome: 'deny', reasons: [{ rule: 'no-drop', message: 'Nothing is dropped.', hint: 'Rename it.' }] } });
  });

  it('says whom people would have to ask', () => {
    expect(explain('delete from public.orders where id = 7')).toMatchObject({ decision: { outcome: 'ask', ask: { quorum: [{ role: 'dba', count: 1 }] } }, policies: [{ rule: 'ask' }] });
  });

  it.each([["/* interlock: reason=\"why\" */ delete from public.customers where id = 7", 'ask'], ['delete from public.customers where id = 7', 'deny']])('reads what the text states: %s', (text, outcome) => {
    const rules = RULES + '@id("why") @reason("A DBA agrees.") @approvers("dba") @requires("reason") forbid (principal, action == Action::"delete", resource == Table::"shop/public/customers");';
    const told = explainer(YAML, rules).explain('agent-etl', 'shop', text);
    expect(told.ok && told.value.decision.outcome).toBe(outcome);
  });

  it('says what it had to assume', () => {
    const { decision, action } = explain('select now() from orders');
    expect(decision.outcome).toBe('allow');
    expect(decision.reasons.filter((reason) => reason.rule === 'assumption').map((reason) => reason.message)).toEqual([
      'orders is taken to be a table in schema public.', "The function now is taken to be a harmless one of PostgreSQL's own.",
    ]);
    expect(action!.accesses).toMatchObject([{ object: { path: ['shop', 'public', 'orders'] } }]);
  });

  it('takes what nobody can say of an object\'s maker against the command, and says so', () => {
    const { decision } = explain('truncate customers');
    expect(decision.reasons.map(({ rule }) => rule)).toEqual(['makers', 'assumption', 'assumption']);
    expect(decision.reasons.at(-1)!.message).toBe("Who made table shop/public/customers is not looked up here; a connector does, at the target. It is taken to be the principal's own. Made by someone independent of agent-etl, it would be: allow by etl-writes.");
  });

  it('does not promise of CASCADE what no maker of the named object decides', () => {
    expect(explain('truncate customers cascade').decision.reasons.at(-1)!.message).toContain('it would be: deny by makers.');
  });

  it('takes what only a target can say of rows against the command, and says so', () => {
    const { decision } = explain('delete from slips where id = 1');
    expect(decision.reasons.map(({ rule }) => rule)).toEqual(['few', 'assumption', 'assumption']);
    expect(decision.reasons.at(-1)!.message).toBe('How many rows the target expects is not asked here; a connector does. They are taken to be more than any number. Of one row, it would be: allow by etl-writes.');
  });

  it('tells the score and its terms, at this moment and of a quiet principal, and says so', () => {
    const risk = 'risk:\n  timeZone: Europe/Berlin\n  acts: [{ verb: select, points: 5 }]\n  times: [{ from: "12:30", to: "13:30", points: 60 }, { days: [sun], points: 1 }]\n  recent: [{ measure: rows, above: 0, minutes: 5, points: 9 }]\n  thresholds: { ask: { score: 60, approvers: [{ role: dba }] } }\n';
    const { decision } = explain('select 1', 'agent-etl', 'shop', YAML + risk);
    expect(decision).toMatchObject({ outcome: 'ask', risk: { score: 65, terms: [{ because: 'select is done' }, { because: 'the time is within any day, 12:30-13:30 in Europe/Berlin' }] } });
    expect(decision.reasons.at(-1)).toMatchObject({ rule: 'assumption', message: expect.stringContaining('The time is taken to be now') });
  });

  it('is that of the worst of several statements', () => {
    expect(explain('select 1; drop table public.orders')).toMatchObject({ decision: { outcome: 'deny' }, action: { verb: 'drop' } });
  });

  it('of what cannot be read is a denial with the parser\'s own words', () => {
    expect(explain('selec 1')).toMatchObject({ decision: { outcome: 'deny', reasons: [{ rule: expect.stringMatching(/^[a-z_]+$/) }] }, policies: [] });
    expect(explain('selec 1').action).toBeUndefined();
  });

  it('does not know the roles that tokens carry, and says so', () => {
    const { decision } = explain('select 1', 'agent-etl', 'shop', YAML.replace('algorithms: [EdDSA]', 'algorithms: [EdDSA]\n    rolesClaim: groups'));
    expect(decision.reasons.at(-1)!.message).toContain('claim groups');
  });

  it('counts a role that was granted for a time', () => {
    const nowMs = Date.parse('2026-01-07T12:00:00Z');
    const offer = { for: ['agent-etl'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 1 };
    const { configuration } = readConfiguration(files(MASKED, RULES));
    const bundle = { version: 3, configuration: { ...configuration!, roles: [{ name: 'dba', members: [], onRequest: offer }] }, policies: readConfiguration(files(MASKED, RULES)).policies } as unknown as Bundle;
    const { issuers, principals } = configuration!;
    const { issuer, subject } = principals.find(({ name }) => name === 'agent-etl')!;
    const principal = { name: 'agent-etl', issuer: issuers.find(({ name }) => name === issuer)!.url, subject };
    const access = { status: 'granted', from: '2026-01-07T11:59:00Z', until: '2026-01-07T12:59:00Z', request: { principal, role: 'dba', seconds: 3_600, approvers: offer.approvers } } as unknown as AccessState;
    const masked = (granted: AccessState[]) => {
      const outcome = new Explainer(new TighteningCompiler(new CedarJudgeCompiler()), () => bundle, () => nowMs, () => granted).explain('agent-etl', 'shop', 'select email from customers');
      return outcome.ok && outcome.value.masking?.columns.map(({ rule }) => rule);
    };
    expect([masked([]), masked([access])]).toEqual([['customer-email'], []]);
  });

  it('says nothing of masking where nothing is masked', () => expect(explain('select * from customers')).not.toHaveProperty('masking'));

  it.each<[string, [string, string, string][]]>([
    ['select id, email, name as e from customers where id = 7', [['email', 'public.customers.email', 'customer-email']]],
    ['select c.email as mail, o.id from public.customers c join orders o on o.customer_id = c.id', [['mail', 'public.customers.email', 'customer-email']]],
    ['with x as (select email as e, card from customers) select card, e from x', [['card', 'public.customers.card', 'customer-card'], ['e', 'public.customers.email', 'customer-email']]],
    ['select * from customers', [['email', 'public.customers.email', 'customer-email'], ['card', 'public.customers.card', 'customer-card']]],
    ['select id from customers; select email from customers', [['email', 'public.customers.email', 'customer-email']]],
    ['select email from invoices order by lower(email)', []],
    ['select count(*), lower(name) from customers group by 2', []],
  ])('names the columns that come back masked: %s', (text, columns) => {
    const { masking, decision } = explain(text, 'agent-etl', 'shop', MASKED);
    expect(masking).toMatchObject({ columns: columns.map(([name, column, rule]) => ({ name, column, rule })), content: ['email'] });
    expect(masking).not.toHaveProperty('refused');
    expect(decision.outcome).toBe('allow');
  });

  it.each([
    ["select id from customers where email = 'x'", 'customer-email', 'would decide which rows come back'],
    ['select id from customers order by card', 'customer-card', 'would decide which rows come back'],
    ['select upper(email) from customers', 'customer-email', 'is computed from public.customers.email'],
    ['select 1; select max(card) from customers', 'customer-card', 'is computed from public.customers.card'],
  ])('says why a text would be refused for masking, where rules let it pass: %s', (text, rule, why) => {
    const { masking, decision } = explain(text, 'agent-etl', 'shop', MASKED);
    expect(masking).toMatchObject({ columns: [], refused: { rule, detail: expect.stringContaining(why), hint: expect.any(String) } });
    expect(decision).toMatchObject({ outcome: 'deny', reasons: [{ rule, effect: 'forbid', message: expect.stringContaining(why) }, { rule: 'etl-reads' }, ...decision.reasons.slice(2)] });
    expect(decision.reasons.some(({ message }) => message === 'Table public.customers is taken to have the columns that masking rules and this text name.')).toBe(true);
  });

  it('takes a comparison with a bound token for what it is, and tells of it where a column with tokens is filtered otherwise', () => {
    const tokens = MASKED.replace('transform: partial, except: [dba]', 'transform: token, kind: email');
    expect(explain('select id from customers where email = $1', 'agent-etl', 'shop', tokens).masking).not.toHaveProperty('refused');
    expect(explain("select id from customers where email = 'x'", 'agent-etl', 'shop', tokens).masking).toMatchObject({ refused: { hint: expect.stringContaining('Compare it in a WHERE, by = or IN, with tokens') as string } });
  });

  it('is that of the rules where they deny what could not be masked either', () => {
    const { masking, decision } = explain("update customers set name = 'x' where email = 'y'", 'agent-etl', 'shop', MASKED);
    expect(decision).toMatchObject({ outcome: 'deny', reasons: [{ effect: 'default' }, ...decision.reasons.slice(1)] });
    expect(decision.reasons.some(({ rule }) => rule === 'customer-email')).toBe(false);
    expect(masking).toMatchObject({ refused: { rule: 'customer-email' } });
  });

  it('names no rule where masking is refused over no column in particular', () => {
    const { masking, decision } = explain('select * from pg_catalog.pg_stat_activity', 'agent-etl', 'shop', MASKED);
    expect(decision.reasons[0]).toMatchObject({ rule: 'masking_unsafe', message: expect.stringMatching(/^the statement cannot be masked safely, because [^:]*\.$/) });
    expect(masking!.refused).not.toHaveProperty('rule');
  });

  it('tells whom a rule of masking spares', () => {
    expect(explain('select email, card from customers', 'dba', 'shop', MASKED).masking).toMatchObject({ columns: [{ name: 'card', rule: 'customer-card' }] });
  });

  it.each([['a stranger', 'mallory', 'shop', 'select 1', 'name_unknown'], ['an unknown target', 'agent-etl', 'shp', 'select 1', 'target_unknown'], ['nothing', 'agent-etl', 'shop', ' -- ', 'invalid_text']])(
    'is refused for %s', (_, as, target, text, reason) => expect(explainer().explain(as, target, text)).toMatchObject({ ok: false, refusal: { reason } }));

  it('is refused before there is a configuration', () => expect(new Explainer(new TighteningCompiler(new CedarJudgeCompiler()), () => undefined, () => 0).explain('a', 'b', 'c')).toMatchObject({ refusal: { reason: 'not_configured' } }));
});
