import type { AuthenticatorState, Principal } from '@interlock/contracts';
import { button, element, exact, paragraph } from './elements.js';

/** What the reader may do here. */
export interface AuthenticatorActions {
  register(label: string): void;
  confirm(authenticator: AuthenticatorState): void;
  revoke(authenticator: AuthenticatorState): void;
}

/** Whether an authenticator is this person's. */
export function isOf({ issuer, subject }: Principal): (authenticator: AuthenticatorState) => boolean {
  return ({ person }) => person.issuer === issuer && person.subject === subject;
}

/** The reader's authenticators, and those of others who wait for a second person. */
export function authenticatorsView(all: readonly AuthenticatorState[], reader: Principal, actions: AuthenticatorActions): HTMLElement {
  const isMine = isOf(reader);
  const known = all.filter(({ status }) => status !== 'revoked');
  const others = known.filter((one) => !isMine(one));
  return element('section', {},
    element('h1', {}, 'Authenticators'),
    paragraph('Some rules take only approvals that you sign with a passkey or security key. A second person confirms that it is yours: read them the digest, and let them compare.'),
    known.some(isMine) ? tableOf(known.filter(isMine), (one) => [button('Revoke', () => actions.revoke(one), { class: 'no' })]) : paragraph('You have none.'),
    registrationForm(actions),
    others.length > 0 && element('h2', {}, 'Of others'),
    others.length > 0 && tableOf(others, (one) => [one.status === 'proposed' && button('Confirm', () => actions.confirm(one)), button('Revoke', () => actions.revoke(one), { class: 'no' })]));
}

function registrationForm(actions: AuthenticatorActions): HTMLElement {
  const label = element('input', { id: 'label', maxlength: '60', required: '', value: 'security key' });
  const form = element('form', {}, element('label', { for: 'label' }, 'What you call it'), label, element('div', { class: 'row' }, element('button', { type: 'submit' }, 'Register an authenticator')));
  form.addEventListener('submit', (event) => { event.preventDefault(); actions.register(label.value); });
  return form;
}

function tableOf(some: readonly AuthenticatorState[], buttonsOf: (one: AuthenticatorState) => readonly (HTMLElement | false)[]): HTMLElement {
  const head = element('tr', {}, ...['Whose', 'Called', 'Digest', 'Status'].map((name) => element('th', { scope: 'col' }, name)));
  const rows = some.map((one) => element('tr', {},
    element('td', {}, exact(one.person.name)), element('td', {}, exact(one.label)), element('td', {}, element('code', {}, one.digest)),
    element('td', {}, one.status === 'confirmed' ? `confirmed by ${one.confirmedBy ?? ''}` : 'waits for a second person', element('div', { class: 'row' }, ...buttonsOf(one)))));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
}
