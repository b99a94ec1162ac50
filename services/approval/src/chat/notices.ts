import type { ChatNotice, GrantState } from '@interlock/contracts';
import { glassStatus, isOpen } from '@interlock/domain-approval';
import type { Versioned } from '@interlock/kernel';
import { noticeOf } from './notice-of.js';

const PAGE = 50;
/** An answer on the bus has at most 1 MiB; each notice has a fraction of this. */
const PAGE_BYTES = 512 * 1024;
/** What ended longer ago than this is told to nobody any more: a chat that begins, or comes back, does not hear all of history. */
const LONG_OVER_MS = 24 * 3_600_000;

/** When it was over, or when its last reviewer spoke: a review comes long after the window. */
function lastOf({ request, glass }: GrantState): number {
  return Math.max(Date.parse(request.expiresAt), ...(glass?.reviews ?? []).map(({ at }) => Date.parse(at)));
}

/** Everything behind `after` that chats are to be told, oldest change first; of each approval its newest state alone. */
export function noticesAfter(after: number, grants: readonly Versioned<GrantState>[], nowMs: number): { readonly notices: ChatNotice[]; readonly next: number } {
  const newer = grants.filter(({ revision, value }) => revision > after && (isOpen(value) || glassStatus(value) === 'due' || lastOf(value) > nowMs - LONG_OVER_MS));
  const notices: ChatNotice[] = [];
  let bytes = 0;
  for (const { value, revision } of newer.toSorted((one, other) => one.revision - other.revision).slice(0, PAGE)) {
    const notice = noticeOf(value, revision);
    bytes += Buffer.byteLength(JSON.stringify(notice));
    if (bytes > PAGE_BYTES) break;
    notices.push(notice);
  }
  return { notices, next: notices.at(-1)?.revision ?? after };
}
