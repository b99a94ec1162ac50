import type { GrantState } from '@interlock/contracts';
import { element, exact, paragraph } from './elements.js';
import { leftUntil } from './words.js';

const SHOWN_CHARACTERS = 160;

/** What waits for people first, then what was decided lately. */
export function listView(approvals: readonly GrantState[]): HTMLElement {
  const pending = approvals.filter(({ status }) => status === 'pending');
  const decided = approvals.filter(({ status }) => status !== 'pending').slice(0, 20);
  return element('section', {},
    element('h1', {}, pending.length === 0 ? 'Nothing waits' : pending.length === 1 ? '1 command waits' : `${pending.length} commands wait`),
    pending.length > 0 ? tableOf(pending, 'Until') : paragraph('Commands that need approval appear here by themselves.'),
    decided.length > 0 && element('h2', {}, 'Decided lately'),
    decided.length > 0 && tableOf(decided, 'Became'));
}

function tableOf(approvals: readonly GrantState[], last: string): HTMLElement {
  const head = element('tr', {}, ...['Who', 'Target', 'Command', last].map((name) => element('th', { scope: 'col' }, name)));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...approvals.map(row)));
}

function row({ status, request }: GrantState): HTMLElement {
  const { text } = request.action;
  return element('tr', {},
    element('td', {}, exact(request.requester.name)),
    element('td', {}, exact(request.target)),
    element('td', {}, element('a', { href: `#/approvals/${encodeURIComponent(request.id)}` }, exact(text.slice(0, SHOWN_CHARACTERS).replaceAll('\n', ' '))), text.length > SHOWN_CHARACTERS && ' …'),
    element('td', { class: 'quiet' }, status === 'pending' ? leftUntil(request.expiresAt, Date.now()) : status));
}
