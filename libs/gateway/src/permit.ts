import { type EventDraft, type Ledger, type Receipt } from '@interlock/kernel';
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
 * Records, waits for the acknowledgement, and only then gives permits. `before` are events that must lie before the entries,
 * in the same append.
 *
 * @throws LedgerUnavailable; nothing may then be forwarded.
 */
export async function forwardGate(ledger: Ledger, nowMs: () => number, before: readonly EventDraft[], entries: readonly GateEntry[]): Promise<Passed[]> {
  const drafts = before.length === 0 ? entries.map((entry) => entry.draft) : [...before, ...entries.map((entry) => entry.draft)];
  const receipt = await ledger.append(drafts);
  const now = nowMs();
  return entries.map((entry, index) => pass(entry, receipt, before.length + index, now));
}

function pass({ principal, target, digest, outcome, validMs = PERMIT_MS }: GateEntry, receipt: Receipt, index: number, now: number): Passed {
  const event = receipt.ids[index];
  if (event === undefined) throw new Error('the ledger acknowledged fewer events than it was given');
  const claims = { principal, target, digest, event, expiresAtMs: now + validMs };
  return { event, permit: outcome === 'allow' ? new Permit(MINT, claims) : undefined };
}
