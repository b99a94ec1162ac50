import { createHash } from 'node:crypto';
import { sha256Hex, type Ledger } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import { forwardGate, type Permit } from '@interlock/gateway';
import { backendTypes, decodeBackend, encodeFrontend, FrameReader, HEADER_BYTES, type BackendMessage } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import type { Upstream } from './upstream.js';

/** One row in text form: column name to text, null for SQL NULL. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The answer to a probe. Its rows are read when they are asked for: mostly it is enough to know that nothing changed. */
export interface ProbeResult {
  /** SHA-256 over descriptions and rows as they came, hexadecimal. */
  readonly digest: string;
  rows(): TextRow[];
}

/** The target answered a probe with an error, or not at all: then its answer may still come, and the connection cannot be used any more. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';

  constructor(message: string, readonly isAnswered: boolean) {
    super(message);
  }
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

/** Records queries of the gateway's own, acknowledged, before they may run, in order. @throws LedgerUnavailable */
export async function permitProbes(ports: ProbePorts, target: string, purpose: string, texts: readonly string[], session?: string): Promise<Probe[]> {
  const about = session === undefined ? {} : { session };
  const validMs = POSTGRES_LIMITS.probeMs * (texts.length + 1);
  const entries = texts.map((text) => ({
    draft: draft('probe.ran.v1', { target, purpose, text }, about), principal: 'interlock', target, digest: sha256Hex(text), outcome: 'allow' as const, validMs,
  }));
  const passed = await forwardGate(ports.ledger, ports.nowMs, [], entries);
  return texts.map((text, index) => ({ text, permit: passed[index]!.permit! }));
}

/**
 * Runs one query on a connection that no client uses at that moment. What the target says unasked meanwhile (notifications,
 * parameters) goes to `onAside`.
 *
 * @throws ProbeFailed
 */
export function runProbe(upstream: Upstream, { text, permit }: Probe, onAside: (raw: Buffer) => void = () => undefined): Promise<ProbeResult> {
  const { socket } = upstream;
  const answer = new ProbeAnswer(onAside);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.removeListener('data', onData);
      socket.removeListener('close', onClose);
      socket.pause();
      settle();
    };
    const fail = (why: string): void => end(() => reject(new ProbeFailed(why, false)));
    const onClose = (): void => fail('the target closed the connection');
    const onData = (chunk: Buffer): void => {
      const step = answer.take(chunk);
      if (step === 'done') end(() => (answer.error === undefined ? resolve(answer.result()) : reject(new ProbeFailed(`the target answered ${answer.error}`, true))));
      else if (step === 'broken') fail('the answer does not follow the protocol');
    };
    const timer = setTimeout(() => fail('the target did not answer in time'), POSTGRES_LIMITS.probeMs);
    socket.on('data', onData);
    socket.on('close', onClose);
    if (socket.destroyed) return onClose();
    upstream.forward({ permit, digest: sha256Hex(text), bytes: encodeFrontend({ kind: 'query', text }) });
    socket.resume();
  });
}

const [ROW, DESCRIPTION, ERROR, READY] = [...'DTEZ'].map((letter) => letter.charCodeAt(0));
const ASIDES = new Set([...'ASN'].map((letter) => letter.charCodeAt(0)));

class ProbeAnswer {
  error: string | undefined;
  readonly #reader = new FrameReader(backendTypes(POSTGRES_LIMITS.probeBytes), POSTGRES_LIMITS.probeBytes);
  readonly #onAside: (raw: Buffer) => void;
  readonly #kept: Buffer[] = [];
  #bytes = 0;

  constructor(onAside: (raw: Buffer) => void) {
    this.#onAside = onAside;
  }

  take(chunk: Buffer): 'waiting' | 'done' | 'broken' {
    this.#bytes += chunk.length;
    if (this.#bytes > POSTGRES_LIMITS.probeBytes) return 'broken';
    const reader = this.#reader;
    reader.push(chunk);
    for (let found = reader.next(); found !== 'more'; found = reader.next()) {
      if (found !== 'frame') return 'broken';
      if (reader.type === READY) return 'done';
      this.#hear(reader.type, reader.buffer.subarray(reader.start, reader.end));
    }
    return 'waiting';
  }

  result(): ProbeResult {
    const kept = this.#kept;
    const hash = createHash('sha256');
    for (const message of kept) hash.update(message);
    return { digest: hash.digest('hex'), rows: () => rowsOf(kept) };
  }

  #hear(type: number, message: Buffer): void {
    if (type === ROW || type === DESCRIPTION) this.#kept.push(message);
    else if (ASIDES.has(type)) this.#onAside(Buffer.from(message));
    else if (type === ERROR) {
      const decoded = decode(message);
      this.error = decoded?.kind === 'errorResponse' ? decoded.fields.code : 'malformed';
    }
  }
}

/** @throws ProbeFailed on a row that is none. */
function rowsOf(messages: readonly Buffer[]): TextRow[] {
  const rows: TextRow[] = [];
  let names: readonly string[] = [];
  for (const message of messages) {
    const decoded = decode(message);
    if (decoded?.kind === 'rowDescription') names = decoded.fields.map((field) => field.name);
    else if (decoded?.kind === 'dataRow') rows.push(Object.fromEntries(decoded.cells.map((cell, index) => [names[index] ?? '', cell?.toString('utf8') ?? null])));
    else throw new ProbeFailed('the answer does not follow the protocol', false);
  }
  return rows;
}

function decode(message: Buffer): BackendMessage | undefined {
  const decoded = decodeBackend(message[0]!, message, HEADER_BYTES, message.length);
  return decoded.ok ? decoded.value : undefined;
}
