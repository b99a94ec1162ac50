import type { Ledger } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import { forwardGate, type Permit } from '@interlock/gateway';
import { backendTypes, decodeBackend, encodeFrontend, FrameReader, type BackendMessage } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import type { Upstream } from './upstream.js';

/** One row in text form: column name to text, null for SQL NULL. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The target answered a probe with an error, or not at all. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';
}

export interface ProbePorts {
  readonly ledger: Ledger;
  readonly nowMs: () => number;
}

/** Records queries of the gateway's own, acknowledged, before they may run. @throws LedgerUnavailable */
export async function permitProbes(ports: ProbePorts, target: string, purpose: string, texts: readonly string[], session?: string): Promise<Permit> {
  const about = session === undefined ? {} : { session };
  const validMs = POSTGRES_LIMITS.probeMs * (texts.length + 1);
  const entries = texts.map((text) => ({
    draft: draft('probe.ran.v1', { target, purpose, text }, about), principal: 'interlock', target, digest: purpose, outcome: 'allow' as const, validMs,
  }));
  const passed = await forwardGate(ports.ledger, ports.nowMs, [], entries);
  return passed[0]!.permit!;
}

/**
 * Runs one query on a connection that no client uses at that moment. What the target says unasked meanwhile (notifications,
 * parameters) goes to `onAside`.
 *
 * @throws ProbeFailed
 */
export function runProbe(upstream: Upstream, permit: Permit, text: string, onAside: (raw: Buffer) => void = () => undefined): Promise<TextRow[]> {
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
    const fail = (why: string): void => end(() => reject(new ProbeFailed(why)));
    const onClose = (): void => fail('the target closed the connection');
    const onData = (chunk: Buffer): void => {
      const step = answer.take(chunk);
      if (step === 'done') end(() => (answer.error === undefined ? resolve(answer.rows) : reject(new ProbeFailed(`the target answered ${answer.error}`))));
      else if (step === 'broken') fail('the answer does not follow the protocol');
    };
    const timer = setTimeout(() => fail('the target did not answer in time'), POSTGRES_LIMITS.probeMs);
    socket.on('data', onData);
    socket.on('close', onClose);
    if (socket.destroyed) return onClose();
    upstream.forward(permit, encodeFrontend({ kind: 'query', text }));
    socket.resume();
  });
}

class ProbeAnswer {
  readonly rows: TextRow[] = [];
  error: string | undefined;
  readonly #reader = new FrameReader(backendTypes(POSTGRES_LIMITS.probeBytes), POSTGRES_LIMITS.probeBytes);
  readonly #onAside: (raw: Buffer) => void;
  #names: readonly string[] = [];
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
      const decoded = decodeBackend(reader.type, reader.buffer, reader.payloadStart, reader.end);
      if (!decoded.ok) return 'broken';
      if (decoded.value.kind === 'readyForQuery') return 'done';
      this.#hear(decoded.value);
    }
    return 'waiting';
  }

  #hear(message: BackendMessage): void {
    switch (message.kind) {
      case 'rowDescription':
        this.#names = message.fields.map((field) => field.name);
        break;
      case 'dataRow':
        this.rows.push(Object.fromEntries(message.cells.map((cell, index) => [this.#names[index] ?? '', cell?.toString('utf8') ?? null])));
        break;
      case 'errorResponse':
        this.error = message.fields.code;
        break;
      case 'notificationResponse': case 'parameterStatus': case 'noticeResponse':
        this.#onAside(Buffer.from(this.#reader.buffer.subarray(this.#reader.start, this.#reader.end)));
        break;
      default:
    }
  }
}
