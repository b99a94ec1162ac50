import type { ChatNotice, GrantState } from '@interlock/contracts';
import { isOpen } from '@interlock/domain-approval';
import type { Versioned } from '@interlock/kernel';
import { noticeOf } from './notice-of.js';

const PAGE = 50;
/** What ended longer ago than this is told to nobody any more: a chat that begins, or comes back, does not hear all of history. */
const LONG_OVER_MS = 24 * 3_600_000;

/** Everything behind `after` that chats are to be told, oldest change first; of each approval its newest state alone. */
export function noticesAfter(after: number, grants: readonly Versioned<GrantState>[], nowMs: number): { readonly notices: ChatNotice[]; readonly next: number } {
  const newer = grants.filter(({ revision, value }) => revision > after && (isOpen(value) || Date.parse(value.request.expiresAt) > nowMs - LONG_OVER_MS));
  const page = newer.toSorted((one, other) => one.revision - other.revision).slice(0, PAGE);
  return { notices: page.map(({ value, revision }) => noticeOf(value, revision)), next: page.at(-1)?.revision ?? after };
}
