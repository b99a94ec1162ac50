import type { GrantState } from '@interlock/contracts';
import { button, element } from './elements.js';

/** What the reader says of a broken glass, with the digest of what was on the screen. */
export type Reviewing = (verdict: 'accept' | 'object', grantDigest: string, note: string) => void;

/** The two answers to a broken glass, each with a note; `isShown` says whether all of the command is on the page already. */
export function reviewForm({ request }: GrantState, review: Reviewing, isShown: boolean): { readonly element: HTMLElement; unlock(): void } {
  const note = element('textarea', { id: 'comment', maxlength: '2000', rows: '2', required: '' });
  let isRead = isShown;
  const open = (): void => { for (const one of answers) one.disabled = !isRead || note.value.trim() === ''; };
  const answer = (verdict: 'accept' | 'object') => (): void => { for (const one of answers) { one.disabled = true; one.dataset['busy'] = ''; } review(verdict, request.grantDigest, note.value); };
  const answers = [button('Accept', answer('accept'), { class: 'yes', disabled: '' }), button('Object', answer('object'), { class: 'no', disabled: '' })];
  note.addEventListener('input', open);
  return {
    element: element('form', {},
      element('p', { class: 'means' }, 'What was done stays done. To accept says that it was right in the circumstances; to object is recorded as an incident. It takes two people, neither of them behind whoever broke the glass.'),
      element('label', { for: 'comment' }, 'Note: what you saw, and why you say so'), note,
      element('div', { class: 'row' }, ...answers)),
    unlock: () => { isRead = true; open(); },
  };
}
