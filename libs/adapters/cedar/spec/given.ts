import type { Access, Action, Bundle, FactValue, PolicyFile, Principal, Target } from '@interlock/contracts';
import { VERBS, type Verb } from '@interlock/contracts';
import { CedarJudgeCompiler } from '../src/compiler.js';
import type { CedarJudge } from '../src/judge.js';

export const SHOP: Target = { name: 'shop', protocol: 'postgres', host: 'db', port: 5432, database: 'shop', tls: 'require', labels: { env: 'demo' } };
export const SANDBOX: Target = { ...SHOP, name: 'sandbox', database: 'sandbox', labels: {} };

export const ETL: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'demo', subject: 'agent-etl', roles: ['etl'], party: ['owner-etl'] };
export const DBA: Principal = { name: 'dba', kind: 'human', issuer: 'demo', subject: 'dba', roles: ['dba'], party: ['dba'] };

export function policy(...texts: string[]): PolicyFile[] {
  return texts.map((text, index) => ({ file: `policies/p${index}.cedar`, text }));
}

export function bundle(...texts: string[]): Bundle {
  return {
    version: 7, policies: policy(...texts), change: 'c', author: 'dba', approvedBy: ['security'], createdAt: '2026-01-01T00:00:00.000Z',
    configuration: {
      version: 1, issuers: [], principals: [], targets: [SHOP, SANDBOX], masking: { columns: [], content: [] },
      administration: { changes: ['dba'], secrets: ['dba'], audit: ['auditor'], locks: ['security'] },
    },
  };
}

export function judge(...texts: string[]): CedarJudge {
  const compiled = new CedarJudgeCompiler().compile(bundle(...texts));
  if (!compiled.ok) throw new Error(compiled.refusal.detail);
  return compiled.value;
}

export function access(verb: Verb, table: string, more: Partial<Access> = {}): Access {
  return { verb, duty: VERBS[verb], object: { kind: 'table', path: ['shop', 'public', table] }, ...more };
}

export function action(accesses: readonly Access[], facts: Record<string, FactValue> = {}, text = 'the text'): Action {
  return {
    protocol: 'postgres', verb: accesses[0]?.verb ?? 'select', text, parameters: [], accesses: [...accesses],
    facts: { hasWhere: true, tautology: false, statementCount: 1, functions: [], volatileFunctions: [], ...facts },
    context: { search_path: 'public', database: 'shop' },
  };
}
