import type { GrantState } from '@interlock/contracts';
import { element, exact, paragraph } from './elements.js';
import { isToReview, leftUntil } from './words.js';

const SHOWN_CHARACTERS = 160;

/** Broken glasses that nobody has reviewed whole, then what waits for people, then what was decided lately. */
export function listView(approvals: readonly GrantState[]): HTMLElement {
  const broken = approvals.filter(isToReview);
  const pending = approvals.filter(({ status }) => status === 'pending');
  const decided = approvals.filter((one) => one.status !== 'pending' && !isToReview(one)).slice(0, 20);
  return element('section', {},
    broken.length > 0 && element('h1', { class: 'broken' }, broken.length === 1 ? '1 broken glass to review' : `${broken.length} broken glasses to review`),
    broken.length > 0 && tableOf(broken, 'Review'),
    element('h1', {}, pending.length === 0 ? 'Nothing waits' : pending.length === 1 ? '1 command waits' : `${pending.length} commands wait`),
    pending.length > 0 ? tableOf(pending, 'Until') : paragraph('Commands that need approval appear here by themselves.'),
    decided.length > 0 && element('h2', {}, 'Decided lately'),
    decided.length > 0 && tableOf(decided, 'Became'));
}

function tableOf(approvals: readonly GrantState[], last: string): HTMLElement {
  const head = element('tr', {}, ...['Who', 'Target', 'Command', last].map((name) => element('th', { scope: 'col' }, name)));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...approvals.map(row)));
}

function row(state: GrantState): HTMLElement {
  const { status, request, glass } = state;
  const { text } = request.action;
  const standing = glass && isToReview(state) ? leftUntil(glass.dueAt, Date.now()) : status === 'pending' ? leftUntil(request.expiresAt, Date.now()) : status;
  return element('tr', {},
    element('td', {}, exact(request.requester.name)),
    element('td', {}, exact(request.target)),
    element('td', {}, element('a', { href: `#/approvals/${encodeURIComponent(request.id)}` }, exact(text.slice(0, SHOWN_CHARACTERS).replaceAll('\n', ' '))), text.length > SHOWN_CHARACTERS && ' …'),
    element('td', { class: 'quiet' }, standing));
}
