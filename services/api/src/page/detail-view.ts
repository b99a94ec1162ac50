import type { GrantState, ShownGrant } from '@interlock/contracts';
import { button, element, exact, longText, paragraph, terms } from './elements.js';
import { reviewForm, type Reviewing } from './review-form.js';
import { glassInWords, impactOf, isToReview, leftUntil, parameterText, statedIn, stillNeeded, timeOf, whatItDoes, whatYesMeans, whoAsks, type Impact } from './words.js';

/** Longer texts are folded; whoever decides unfolds them first. */
const FOLDED_CHARACTERS = 4_000;

export interface Reader {
  readonly name: string;
  readonly roles: readonly string[];
}

/** What the reader decided, with the digest of what was on the screen. */
export type Decide = (verdict: 'approve' | 'deny', grantDigest: string, comment: string) => void;

/** One request: who, what exactly, where, why it asks, what it would do, until when, and what a yes means; then the two answers. */
export function detailView(state: ShownGrant, reader: Reader, decide: Decide, review: Reviewing = () => undefined): HTMLElement {
  const { request } = state;
  const form = isToReview(state) ? reviewForm(state, review, request.action.text.length <= FOLDED_CHARACTERS) : decisionForm(state, reader, decide);
  const doing = whatItDoes(request);
  return element('article', { class: 'card' },
    element('h1', {}, exact(request.requester.name), state.glass ? ' broke the glass to ' : ' asks to ', exact(doing[0] ?? request.action.verb), ' at ', exact(request.target)),
    ...glassInWords(state).map((line) => element('p', { class: 'said bad' }, exact(line))),
    terms(
      ['Who', exact(whoAsks(request))],
      ['Exactly', command(request.action.text, () => form.unlock()), parameters(request)],
      ['In its words', ...statedIn(request).map((line) => paragraph(exact(line)))],
      ['Where', exact(`target ${request.target}`), context(request)],
      ['Touches', doing.length > 0 && element('div', {}, ...doing.map((line) => paragraph(exact(line))))],
      ['Why it asks', ...request.reasons.map((reason) => paragraph(exact(reason))), element('span', { class: 'quiet' }, `rule ${request.ask.rules.join(', ')}`)],
      ['Impact', ...(state.glass ? [] : impactOf(request)).map((line) => paragraph(exact(line))), sample(request)],
      ['Risk', request.risk && exact(`score ${request.risk.score}`)],
      ['Until', !state.glass && `${timeOf(request.expiresAt)} `, !state.glass && element('span', { class: 'quiet', id: 'left' }, leftUntil(request.expiresAt, Date.now()))],
      ['Needs', !state.glass && request.ask.quorum.map(({ role, count }) => `${count} of ${role}`).join(' and '), !state.glass && request.ask.signed && ', each signed with an authenticator of their own'],
      ['Reviews', ...(state.glass?.reviews ?? []).map(({ reviewer, verdict, note }) => paragraph(exact(`${reviewer.name}: ${verdict}, “${note}”`)))],
      ['Votes', ...state.votes.map((vote) => paragraph(exact(`${vote.approver.name}${vote.inSteadOf ? ` in stead of ${vote.inSteadOf.approver.name}` : ''}: ${vote.verdict}${vote.via ? ` in ${vote.via}` : ''}${vote.comment ? `, “${vote.comment}”` : ''}`)))],
      ['Digest', element('code', { class: 'exact' }, request.grantDigest)],
    ),
    form.element);
}

/** The text, folded where it is long. `onRead` is called once all of it is on the page. */
function command(text: string, onRead: () => void): HTMLElement {
  const holder = element('div', {});
  const showAll = (): void => { holder.replaceChildren(longText(text, 'The whole command')); onRead(); };
  if (text.length <= FOLDED_CHARACTERS) showAll();
  else {
    const beginning = text.slice(0, FOLDED_CHARACTERS).toWellFormed();
    holder.append(longText(beginning, 'The beginning of the command'), paragraph(`This is the beginning; the command has ${text.length.toLocaleString()} characters. `, button('Show all of it', showAll)));
  }
  return holder;
}

function parameters({ action }: GrantState['request']): HTMLElement | undefined {
  if (action.parameters.length === 0) return undefined;
  return element('div', { class: 'parameters' }, ...action.parameters.map((parameter, at) => paragraph(`$${at + 1} = `, parameter.value === null && !parameter.omitted ? element('strong', {}, 'NULL') : exact(parameterText(parameter)), element('span', { class: 'quiet' }, ` type ${parameter.type}`))));
}

function context({ action }: GrantState['request']): HTMLElement | undefined {
  const entries = Object.entries(action.context);
  return entries.length === 0 ? undefined : element('span', { class: 'quiet' }, ' ', exact(entries.map(([name, value]) => `${name} ${value}`).join(', ')));
}

function sample({ preview }: Impact): HTMLElement | undefined {
  if (!preview?.sample || preview.sample.rows.length === 0) return undefined;
  const { columns, rows } = preview.sample;
  return element('table', {}, element('caption', {}, 'Some of the rows, masked'),
    element('thead', {}, element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, exact(column))))),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell === null ? element('em', {}, 'NULL') : exact(cell)))))));
}

function decisionForm(state: ShownGrant, reader: Reader, decide: Decide): { readonly element: HTMLElement; unlock(): void } {
  const { request, status } = state;
  if (status !== 'pending') return { element: paragraph(`This approval is ${status}.`), unlock: () => undefined };
  const comment = element('textarea', { id: 'comment', maxlength: '2000', rows: '2' });
  const answer = (verdict: 'approve' | 'deny') => (): void => { for (const one of [yes, no].filter(({ disabled }) => !disabled)) { one.disabled = true; one.dataset['busy'] = ''; } decide(verdict, request.grantDigest, comment.value); };
  const yes = button(request.ask.signed ? 'Approve and sign' : 'Approve', answer('approve'), { class: 'yes', disabled: '' });
  const no = button('Deny', answer('deny'), { class: 'no' });
  yes.disabled = request.action.text.length > FOLDED_CHARACTERS;
  return {
    element: element('form', {},
      element('p', { class: 'means' }, exact(whatYesMeans(request, state.shown.effect ?? [], stillNeeded(state, reader)))),
      element('label', { for: 'comment' }, 'Comment (optional): kept in the ledger, and shown to the agent when you deny'), comment,
      element('div', { class: 'row' }, yes, no)),
    unlock: () => { yes.disabled = false; },
  };
}
