import { createHash } from 'node:crypto';
import { sha256Hex, type EventSeal, type Ledger } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import { forwardGate, type Permit } from '@interlock/gateway';
import { encodeFrontend } from '@interlock/protocol-postgres';
import { converse, decodeMessage, ProbeFailed, type Conversed } from './conversation.js';
import { POSTGRES_LIMITS } from './limits.js';
import type { SentStatement } from './running-command.js';
import type { Upstream } from './upstream.js';

/** One row in text form: column name to text, null for SQL NULL. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The answer to a probe. Its rows are read when they are asked for: mostly it is enough to know that nothing changed. */
export interface ProbeResult {
  /** Descriptions and rows as they came. */
  readonly messages: readonly Buffer[];
  /** SHA-256 over them, hexadecimal. */
  readonly digest: string;
  rows(): TextRow[];
}

export interface ProbePorts {
  readonly ledger: Ledger;
  readonly nowMs: () => number;
}

/** A query of the gateway's own that the ledger knows of. */
export interface Probe {
  readonly text: string;
  readonly permit: Permit;
}

/**
 * Records queries of the gateway's own, acknowledged, before they may run, in order. `seal` is that of the exchange whose words they repeat; without one
 * they are the connector's own. @throws LedgerUnavailable
 */
export async function permitProbes(ports: ProbePorts, target: string, purpose: string, texts: readonly string[], session?: string, seal?: EventSeal): Promise<Probe[]> {
  const about = session === undefined ? {} : { session };
  const validMs = POSTGRES_LIMITS.probeMs * (texts.length + 1);
  const entries = texts.map((text) => ({
    draft: { ...draft('probe.ran.v1', { target, purpose, text }, about), ...(seal && { seal }) }, principal: 'interlock', target, digest: sha256Hex(text), outcome: 'allow' as const, validMs,
  }));
  const passed = await forwardGate(ports.ledger, ports.nowMs, [], entries);
  return texts.map((text, index) => ({ text, permit: passed[index]!.permit! }));
}

/** @throws ProbeFailed */
export async function runProbe(upstream: Upstream, { text, permit }: Probe, onAside: (raw: Buffer) => void = () => undefined): Promise<ProbeResult> {
  return probeResult(await converse(upstream, { permit, digest: sha256Hex(text), bytes: encodeFrontend({ kind: 'query', text }) }, { onAside }));
}

/**
 * The same with the values of a statement that a client has bound: the text takes its parameters where that has them.
 *
 * @throws ProbeFailed
 */
export async function runBoundProbe(upstream: Upstream, { text, permit }: Probe, { bind, parameterTypes }: Pick<SentStatement, 'bind' | 'parameterTypes'>, onAside: (raw: Buffer) => void = () => undefined): Promise<ProbeResult> {
  const { parameterFormats = [], parameters = [] } = bind ?? {};
  const bytes = Buffer.concat(([
    { kind: 'parse', statement: '', text, parameterTypes }, { kind: 'bind', portal: '', statement: '', parameterFormats, parameters, resultFormats: [] },
    { kind: 'describe', subject: 'portal', name: '' }, { kind: 'execute', portal: '', maxRows: 0 }, { kind: 'sync' },
  ] as const).map((message) => encodeFrontend(message)));
  return probeResult(await converse(upstream, { permit, digest: sha256Hex(text), bytes }, { maxBytes: POSTGRES_LIMITS.previewBytes, onAside }));
}

const [ROW, DESCRIPTION] = [...'DT'].map((letter) => letter.charCodeAt(0));

function probeResult({ messages, error }: Conversed): ProbeResult {
  if (error !== undefined) throw new ProbeFailed(`the target answered ${error}`, true, error);
  const kept = messages.filter(([type]) => type === ROW || type === DESCRIPTION);
  return { messages: kept, digest: digestOf(kept), rows: () => rowsOf(kept) };
}

function digestOf(messages: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const message of messages) hash.update(message);
  return hash.digest('hex');
}

/** @throws ProbeFailed on a row that is none. */
function rowsOf(messages: readonly Buffer[]): TextRow[] {
  const rows: TextRow[] = [];
  let names: readonly string[] = [];
  for (const message of messages) {
    const decoded = decodeMessage(message);
    if (decoded?.kind === 'rowDescription') names = decoded.fields.map((field) => field.name);
    else if (decoded?.kind === 'dataRow') rows.push(Object.fromEntries(decoded.cells.map((cell, index) => [names[index] ?? '', cell?.toString('utf8') ?? null])));
    else throw new ProbeFailed('the answer does not follow the protocol', false);
  }
  return rows;
}
