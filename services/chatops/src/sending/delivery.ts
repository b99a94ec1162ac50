import type { ChatDelivery, ChatNotice } from '@interlock/contracts';

/** What came of one attempt. */
export type Sent =
  | { readonly kind: 'delivered'; readonly message?: string }
  | {
    readonly kind: 'failed';
    readonly detail: string;
    /** Whether it may have arrived all the same. */
    readonly doubtful: boolean;
    readonly retryAfterMs?: number | undefined;
    /** Trying again is of no use. */
    readonly isFinal?: boolean;
  };

/** Distance to the next attempt, by how many there were; then it is given up. Together about eighteen hours. */
const RETRY_MS = [5_000, 30_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000] as const;
/** An attempt takes a fraction of this; whoever is at it for longer is gone. */
const LEASE_MS = 60_000;

/**
 * A delivery's life, in which each step is stored by compare-and-set before it is taken:
 *
 *     waiting ─begin─▶ sending ─delivered─▶ delivered
 *        ▲                ├─failed, to be tried again─▶ waiting
 *        │                └─failed for good, or too late─▶ abandoned
 *        └── a newer state of the approval, where one message shows them all
 */
export function first(notice: ChatNotice, channel: string, nowMs: number): ChatDelivery {
  return { grant: notice.id, channel, notice, revision: notice.revision, state: 'waiting', attempts: 0, dueAt: at(nowMs), since: at(nowMs) };
}

/** The same message with newer content: it starts over, and stands where it stood. A send under way is left alone; its end sees what is new. */
export function renewed(delivery: ChatDelivery, notice: ChatNotice, nowMs: number): ChatDelivery {
  const isSending = delivery.state === 'sending' && Date.parse(delivery.dueAt) > nowMs;
  return { ...delivery, notice, revision: notice.revision, ...(isSending ? {} : { state: 'waiting', attempts: 0, dueAt: at(nowMs) }) };
}

export function begun(delivery: ChatDelivery, nowMs: number): ChatDelivery {
  return { ...delivery, state: 'sending', attempts: delivery.attempts + 1, dueAt: at(nowMs + LEASE_MS), doubtful: true };
}

/** After an attempt that sent revision `revision`; `before` says whether an earlier one was in doubt. */
export function ended(delivery: ChatDelivery, sent: Sent, attempt: { readonly revision: number; readonly doubtful: boolean }, nowMs: number): ChatDelivery {
  const { notice, doubtful: _, ...rest } = delivery;
  const isNewer = delivery.revision > attempt.revision;
  if (sent.kind === 'delivered') {
    const standing = { ...rest, ...(sent.message !== undefined && { message: sent.message }) };
    return isNewer ? { ...standing, notice, state: 'waiting', attempts: 0, dueAt: at(nowMs) } : { ...standing, state: 'delivered' };
  }
  const doubt = attempt.doubtful || sent.doubtful ? { doubtful: true } : {};
  if (isNewer) return { ...rest, ...doubt, notice, state: 'waiting', attempts: 0, dueAt: at(nowMs) };
  const waitMs = sent.isFinal ? undefined : RETRY_MS[delivery.attempts - 1];
  const nextMs = nowMs + Math.max(waitMs ?? 0, sent.retryAfterMs ?? 0);
  if (waitMs === undefined || isOver(notice, nextMs)) return { ...rest, state: 'abandoned' };
  return { ...rest, ...doubt, notice, state: 'waiting', dueAt: at(nextMs) };
}

export function isDue({ state, dueAt }: ChatDelivery, nowMs: number): boolean {
  return (state === 'waiting' || state === 'sending') && Date.parse(dueAt) <= nowMs;
}

/** Nobody has to be told to decide what can be decided no more: that it ended is told by its own state. */
function isOver(notice: ChatNotice | undefined, nowMs: number): boolean {
  return notice?.status === 'pending' && nowMs >= Date.parse(notice.expiresAt);
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}
