import { LedgerUnavailable, LIMITS, type EventDraft, type Ledger } from '@interlock/kernel';
import type { Decision } from '@interlock/contracts';

/** How long after its acknowledgement a decision may be acted on. */
export const PERMIT_MS = 5_000;

const MINT = Symbol('mint');

/** What a permit speaks of. */
export interface PermitClaims {
  readonly principal: string;
  readonly target: string;
  /** Digest of the action; of a session's standing permit, the session's id; of a probe, the SHA-256 of its text. */
  readonly digest: string;
  /** Id of the acknowledged event that decided it. */
  readonly event: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/**
 * The right to forward one command to one target. It exists only after the ledger has acknowledged the event that allows it:
 * {@link forwardGate} is the one place that can make it.
 */
export class Permit {
  readonly #claims: PermitClaims;

  constructor(mint: symbol, claims: PermitClaims) {
    if (mint !== MINT) throw new Error('a permit comes from forwardGate only');
    this.#claims = claims;
  }

  get event(): string {
    return this.#claims.event;
  }

  /** Throws on anything that is not a permit, so that an object of its shape does not pass. */
  covers(target: string, digest: string, nowMs: number): boolean {
    return this.#claims.target === target && this.#claims.digest === digest && nowMs < this.#claims.expiresAtMs;
  }
}

/** One event that may allow something, once it is acknowledged. */
export interface GateEntry {
  readonly draft: EventDraft;
  readonly principal: string;
  readonly target: string;
  readonly digest: string;
  readonly outcome: Decision['outcome'];
  /** How long it may be acted on; {@link PERMIT_MS} when absent. */
  readonly validMs?: number;
}

/** What became of an entry: its event, and the permit where it allowed something. */
export interface Passed {
  readonly event: string;
  readonly permit: Permit | undefined;
}

/**
 * Records, waits for the acknowledgement, and only then gives permits. `before` are events that must lie before the entries. What
 * one append cannot hold goes in several, one after the other: there is no permit for any before all are acknowledged.
 *
 * @throws LedgerUnavailable; nothing may then be forwarded, though the ledger may hold a part.
 * @throws RangeError when one event is too large; the ledger then holds none.
 */
export async function forwardGate(ledger: Ledger, nowMs: () => number, before: readonly EventDraft[], entries: readonly GateEntry[]): Promise<Passed[]> {
  const drafts = before.length === 0 ? entries.map((entry) => entry.draft) : [...before, ...entries.map((entry) => entry.draft)];
  const ids = entries.length > 1 ? await appendInParts(ledger, nowMs, drafts) : (await ledger.append(drafts)).ids;
  const now = nowMs();
  return entries.map((entry, index) => pass(entry, ids[before.length + index], now));
}

/** Events of one part; a batch holds this many beside another session's. */
const PART_EVENTS = LIMITS.batchEvents / 2;
/** Bytes of one part, with room for the batch's header. */
const PART_BYTES = LIMITS.batchBytes - 2 * LIMITS.metadataBytes;
/** What an event takes beside its payload: names and numbers, none of them a client's. */
const BESIDE_PAYLOAD_BYTES = 1_024;

async function appendInParts(ledger: Ledger, nowMs: () => number, drafts: readonly EventDraft[]): Promise<string[]> {
  const begun = nowMs();
  const ids: string[] = [];
  for (const part of partsOf(drafts)) {
    if (ids.length > 0 && nowMs() - begun >= LIMITS.ledgerAckMs) throw new LedgerUnavailable(`The ledger did not acknowledge ${drafts.length} events within ${LIMITS.ledgerAckMs} ms.`);
    ids.push(...(await ledger.append(part)).ids);
  }
  return ids;
}

function partsOf(drafts: readonly EventDraft[]): EventDraft[][] {
  const parts: EventDraft[][] = [[]];
  let bytes = 0;
  for (const draft of drafts) {
    const payload = Buffer.byteLength(JSON.stringify(draft.data));
    if (payload > LIMITS.payloadBytes) throw new RangeError(`the payload of ${draft.type} has ${payload} bytes, more than ${LIMITS.payloadBytes}`);
    bytes += payload + BESIDE_PAYLOAD_BYTES;
    if (bytes > PART_BYTES || parts.at(-1)!.length >= PART_EVENTS) {
      parts.push([]);
      bytes = payload + BESIDE_PAYLOAD_BYTES;
    }
    parts.at(-1)!.push(draft);
  }
  return parts;
}

function pass({ principal, target, digest, outcome, validMs = PERMIT_MS }: GateEntry, event: string | undefined, now: number): Passed {
  if (event === undefined) throw new Error('the ledger acknowledged fewer events than it was given');
  const claims = { principal, target, digest, event, expiresAtMs: now + validMs };
  return { event, permit: outcome === 'allow' ? new Permit(MINT, claims) : undefined };
}
