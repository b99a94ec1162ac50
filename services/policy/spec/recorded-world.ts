import { MemoryLedger } from '@interlock/adapter-memory-log';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { Configuration, draft, type Action, type Bundle, type Decision, type EventData, type GrantFact, type Principal } from '@interlock/contracts';
import type { EventDraft } from '@interlock/kernel';
import type { Bundles } from '../src/second/second-judge.js';

export const ETL: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'http://127.0.0.1:8801', subject: 'agent-etl', roles: ['etl'], party: ['dba'] };
export const RULES = [
  '@id("etl-reads") permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");',
  '@id("etl-deletes") permit (principal in Role::"etl", action == Action::"delete", resource in Target::"shop");',
  '@id("delete-asks") @reason("Deleting needs security.") @approvers("security") @window("15m") forbid (principal, action == Action::"delete", resource);',
].join('\n');
const person = (name: string) => ({ name, kind: 'human', issuer: 'demo', subject: name, roles: [name] });
const CONFIGURATION = Configuration.parse({
  version: 1,
  issuers: [{ name: 'demo', url: 'http://127.0.0.1:8801', audience: 'interlock', algorithms: ['EdDSA'] }],
  principals: [{ name: 'agent-etl', kind: 'agent', issuer: 'demo', subject: 'agent-etl', roles: ['etl'], owners: ['dba'] }, person('dba'), person('security')],
  targets: [{ name: 'shop', protocol: 'postgres', host: '127.0.0.1', database: 'shop' }],
  administration: { changes: ['dba', 'security'], secrets: ['security'], audit: ['security'], locks: ['security'] },
});
const DUTY = { select: 'read', delete: 'delete', update: 'modify' } as const;

export function bundle(version: number, cedar = RULES): Bundle {
  return { version, configuration: CONFIGURATION, policies: [{ file: 'policies/shop.cedar', text: cedar }], change: `c-${version}`, author: 'dba', approvedBy: ['security'], createdAt: '2026-11-01T00:00:00.000Z' };
}

export function action(verb: keyof typeof DUTY = 'select', table = 'orders'): Action {
  return {
    protocol: 'postgres', verb, text: `${verb} ${table}`, parameters: [], facts: { hasWhere: true, statementCount: 1 }, context: {},
    accesses: [{ verb, duty: DUTY[verb], object: { kind: 'table', path: ['shop', 'public', table] }, columnsRead: ['id'] }],
  };
}

/** What a connector that tells the truth records. */
export function truth(by: Bundle, what: Action, grant?: GrantFact, principal = ETL): EventData<'command.decided.v1'> {
  const judge = new CedarJudgeCompiler().compile(by);
  if (!judge.ok) throw new Error(judge.refusal.detail);
  const target = by.configuration.targets[0]!;
  return {
    principal: principal.name, target: target.name, action: what, actionDigest: 'd', phase: grant ? 'forward' : 'request', ...(grant && { grant }),
    decision: judge.value.judge({ principal, target, action: what, ...(grant && { grant }) }),
  };
}

/** The same with another decision than the rules give. */
export function lie(told: EventData<'command.decided.v1'>, decision: Partial<Decision>): EventData<'command.decided.v1'> {
  return { ...told, decision: { ...told.decision, ...decision } };
}

export const ALLOWED: Partial<Decision> = { outcome: 'allow', reasons: [{ rule: 'etl-reads', effect: 'permit', message: 'a lie' }] };

export function opened(session = 's-1', principal = ETL): EventDraft {
  return draft('session.opened.v1', { principal, target: 'shop', protocol: 'postgres', clientAddress: '127.0.0.1:1', tokenExpiresAt: '2026-12-01T00:00:00.000Z', bundleVersion: 1 }, { session });
}

export function decided(data: EventData<'command.decided.v1'>, command = 's-1.1.1', session = 's-1'): EventDraft {
  return draft('command.decided.v1', data, { session, exchange: `${session}.1`, command });
}

/** The ledger of one connector in memory, its payloads in clear. */
export function connectorLedger(nowMs?: () => number): MemoryLedger {
  return new MemoryLedger({ service: 'connector-postgres', instance: '1', ...(nowMs && { nowMs }) });
}

/** Keys under which payloads lie in clear. */
export const CLEAR_KEYS = { of: (ids: ReadonlySet<string>) => Promise.resolve(new Map([...ids].map((id) => [id, (_offset: number, bytes: Uint8Array) => Buffer.from(bytes)]))) };

/** Bundles in memory; each was stored an hour after the one before. */
export class MemoryBundles implements Bundles {
  constructor(readonly list: Bundle[]) {}

  at(version: number): Promise<Bundle | undefined> {
    return Promise.resolve(this.list.find((one) => one.version === version));
  }

  after(version: number) {
    const next = this.list.find((one) => one.version > version);
    return Promise.resolve(next && { version: next.version, storedAtMs: next.version * 3_600_000 });
  }
}
