import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CedarJudgeCompiler, checkPolicies } from '@interlock/adapter-cedar';
import { Configuration, type Action, type Access, type Principal } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('../../demo/', import.meta.url));
const configuration = Configuration.parse(parse(readFileSync(`${folder}interlock.yaml`, 'utf8')));
const policies = readdirSync(`${folder}policies`).map((name) => ({ file: `policies/${name}`, text: readFileSync(`${folder}policies/${name}`, 'utf8') }));

function judge(name: string, target: string, verb: string, duty: Access['duty'], table: string, facts: Action['facts'] = {}): string {
  const compiled = new CedarJudgeCompiler().compile({ version: 1, configuration, policies, change: 'c', author: 'security', approvedBy: [], createdAt: '2026-01-01T00:00:00Z' });
  if (!compiled.ok) throw new Error(compiled.refusal.detail);
  const entry = configuration.principals.find((principal) => principal.name === name);
  if (entry === undefined) throw new Error(`no principal ${name}`);
  const principal: Principal = { name, kind: entry.kind, issuer: 'i', subject: name, roles: entry.roles, party: entry.owners };
  const object: Access['object'] = table === '' ? { kind: 'target', path: [] } : { kind: 'table', path: [target, 'public', table] };
  const action: Action = { protocol: 'postgres', verb, text: '', parameters: [], accesses: [{ verb, duty, object }], facts: { functions: [], volatileFunctions: [], ...facts }, context: {} };
  const found = configuration.targets.find((candidate) => candidate.name === target);
  if (found === undefined) throw new Error(`no target ${target}`);
  const decision = compiled.value.judge({ principal, target: found, action });
  return decision.outcome === 'allow' ? 'allow' : `${decision.outcome} ${decision.reasons.map((reason) => reason.rule).join(',')}`;
}

const bounded = { hasWhere: true, tautology: false };

describe('the rules of the demonstration', () => {
  it('stand against the action model', () => expect(checkPolicies(policies).problems).toEqual([]));

  it.each<[string, string, string, Access['duty'], string, Action['facts'], string]>([
    ['agent-etl', 'shop', 'select', 'read', 'customers', {}, 'allow'],
    ['agent-etl', 'shop', 'select', 'read', '', {}, 'allow'],
    ['agent-etl', 'shop', 'begin', 'read', '', {}, 'allow'],
    ['agent-etl', 'shop', 'insert', 'create', 'orders', {}, 'allow'],
    ['agent-etl', 'shop', 'import', 'create', 'payments', {}, 'allow'],
    ['agent-etl', 'shop', 'update', 'modify', 'products', bounded, 'allow'],
    ['agent-etl', 'shop', 'update', 'modify', 'customers', bounded, 'deny default-deny'],
    ['agent-etl', 'shop', 'update', 'modify', 'orders', { hasWhere: false }, 'deny no-unbounded-change'],
    ['agent-etl', 'shop', 'update', 'modify', 'orders', { hasWhere: true, tautology: true }, 'deny no-unbounded-change'],
    ['agent-etl', 'shop', 'drop', 'delete', 'customers', {}, 'deny shop-no-ddl'],
    ['agent-etl', 'shop', 'truncate', 'delete', 'orders', {}, 'deny shop-no-ddl'],
    ['agent-etl', 'shop', 'create', 'create', 'extra', {}, 'deny shop-no-ddl'],
    ['agent-etl', 'shop', 'grant', 'administer', 'orders', {}, 'deny shop-no-ddl'],
    ['agent-etl', 'shop', 'delete', 'delete', 'orders', bounded, 'ask shop-delete-needs-dba'],
    ['agent-etl', 'shop', 'delete', 'delete', 'customers', bounded, 'deny default-deny'],
    ['agent-support', 'shop', 'select', 'read', 'orders', {}, 'allow'],
    ['agent-support', 'shop', 'select', 'read', 'customers', {}, 'allow'],
    ['agent-support', 'shop', 'select', 'read', 'payments', {}, 'deny default-deny'],
    ['agent-support', 'shop', 'update', 'modify', 'orders', bounded, 'deny default-deny'],
    ['agent-support', 'shop', 'select', 'read', '', {}, 'allow'],
    ['agent-support', 'sandbox', 'select', 'read', '', {}, 'deny default-deny'],
    ['agent-etl', 'sandbox', 'drop', 'delete', 'anything', {}, 'allow'],
    ['agent-etl', 'sandbox', 'delete', 'delete', 'anything', {}, 'allow'],
    ['agent-etl', 'sandbox', 'do', 'modify', '', {}, 'allow'],
    ['dba', 'shop', 'select', 'read', 'orders', {}, 'deny default-deny'],
  ])('%s at %s: %s (%s) %s %j -> %s', (name, target, verb, duty, table, facts, expected) => {
    const outcome = judge(name, target, verb, duty, table, facts);
    if (expected.startsWith('deny ') && expected !== 'deny default-deny') expect(outcome).toContain(expected.slice(5));
    expect(outcome.split(' ')[0]).toBe(expected.split(' ')[0]);
    if (expected.startsWith('ask')) expect(outcome).toBe(expected);
  });

  it('ask a DBA, and the owner of the requester is a DBA too: independence, not the missing role, refuses them', () => {
    expect(configuration.principals.find(({ name }) => name === 'owner-etl')?.roles).toContain('dba');
  });
});
