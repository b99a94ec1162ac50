import { beforeAll, describe, expect, it } from 'vitest';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { loadParser } from '@interlock/language-postgres';
import type { Bundle } from '@interlock/contracts';
import { files, YAML } from '../../spec/files.js';
import { readConfiguration } from '../configuration/read-configuration.js';
import { Explainer } from './explainer.js';

const RULES = `
@id("etl-reads") permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");
@id("etl-writes") permit (principal in Role::"etl", action in Action::"delete", resource in Schema::"shop/public");
@id("no-drop") @reason("Nothing is dropped.") @hint("Rename it.")
forbid (principal, action == Action::"drop", resource);
@id("ask") @reason("A DBA agrees first.") @approvers("dba")
forbid (principal, action == Action::"delete", resource == Table::"shop/public/orders");
`;

function explainer(yaml = YAML) {
  const read = readConfiguration(files(yaml, RULES));
  const bundle: Bundle = { version: 3, configuration: read.configuration!, policies: [...read.policies], change: 'c', author: 'dba', approvedBy: [], createdAt: '' };
  return new Explainer(new CedarJudgeCompiler(), () => bundle);
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

  it('says what it had to assume', () => {
    const { decision, action } = explain('select now() from orders');
    expect(decision.outcome).toBe('allow');
    expect(decision.reasons.filter((reason) => reason.rule === 'assumption').map((reason) => reason.message)).toEqual([
      'orders is taken to be a table in schema public.', "The function now is taken to be a harmless one of PostgreSQL's own.",
    ]);
    expect(action!.accesses).toMatchObject([{ object: { path: ['shop', 'public', 'orders'] } }]);
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

  it.each([['a stranger', 'mallory', 'shop', 'select 1', 'name_unknown'], ['an unknown target', 'agent-etl', 'shp', 'select 1', 'target_unknown'], ['nothing', 'agent-etl', 'shop', ' -- ', 'invalid_text']])(
    'is refused for %s', (_, as, target, text, reason) => expect(explainer().explain(as, target, text)).toMatchObject({ ok: false, refusal: { reason } }));

  it('is refused before there is a configuration', () => expect(new Explainer(new CedarJudgeCompiler(), () => undefined).explain('a', 'b', 'c')).toMatchObject({ refusal: { reason: 'not_configured' } }));
});
