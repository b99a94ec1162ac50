import type { GrantState, Principal, ShownGrant } from '@interlock/contracts';
import { Api, Refused } from './api.js';
import { AuthenticatorsPage } from './authenticators-page.js';
import { detailView, type Decide } from './detail-view.js';
import { button, element, exact, paragraph } from './elements.js';
import { listView } from './list-view.js';
import { issuers, leaveForSignIn, tokenFromReturn } from './sign-in.js';
import type { Reviewing } from './review-form.js';
import { isToReview, leftUntil } from './words.js';

const main = document.querySelector('main')!;

/** Puts a view in place of the last one, and the reader at its beginning. */
function show(view: HTMLElement, title: string): void {
  document.title = `${title} · Interlock`;
  main.replaceChildren(view);
}

/** For whoever does not see the page change. */
function say(text: string): void {
  document.querySelector('#live')!.textContent = text;
}

function refusalText(fault: unknown): HTMLElement {
  const hint = fault instanceof Refused ? fault.hint : undefined;
  return element('p', { class: 'said bad', role: 'alert' }, exact(fault instanceof Error ? fault.message : String(fault)), hint ? ' ' : undefined, hint ? exact(hint) : undefined);
}

async function signInView(problem?: unknown): Promise<void> {
  const known = await issuers();
  const choices = known.map((issuer) => button(`Sign in with ${issuer.name}`, () => { leaveForSignIn(issuer).catch((fault: unknown) => signInView(fault)); }));
  show(element('section', { class: 'card' },
    element('h1', {}, 'Sign in to decide'),
    problem !== undefined && refusalText(problem),
    ...choices,
    choices.length === 0 && paragraph('No issuer of this installation signs people in here: none of the configuration names a ', element('code', {}, 'pageClient'), '.'),
    element('p', { class: 'quiet' }, 'Your token stays in this page’s memory: it is stored nowhere, and a reload forgets it.')), 'Sign in');
}

const AUTHENTICATORS = '#/authenticators';

/** The signed-in page: what the address says, kept up to date by events. */
class Pages {
  #approvals = new Map<string, GrantState>();
  #route = 0;

  readonly #authenticators: AuthenticatorsPage;

  constructor(private readonly api: Api, private readonly reader: Principal) {
    this.#authenticators = new AuthenticatorsPage(api, reader, () => void this.#go(), (fault) => this.#refused(fault));
  }

  async run(): Promise<void> {
    addEventListener('hashchange', () => void this.#go());
    setInterval(() => this.#countDown(), 1_000);
    await this.#go();
    const end = await this.api.follow(() => { this.#load().catch((fault: unknown) => this.#refused(fault)); }, (approval) => this.#heard(approval), new AbortController().signal);
    if (end) await signInView(end);
  }

  async #go(): Promise<void> {
    const route = (this.#route += 1);
    try {
      const view = await this.#view(this.#shownId());
      if (route !== this.#route) return;
      show(view.element, view.title);
      main.focus();
    } catch (fault) {
      if (fault instanceof Refused && fault.reason === 'unauthenticated') return signInView(fault);
      show(refusalText(fault), 'Refused');
    }
  }

  async #view(id: string | undefined): Promise<{ readonly element: HTMLElement; readonly title: string }> {
    if (location.hash === AUTHENTICATORS) return { element: await this.#authenticators.view(), title: 'Authenticators' };
    if (id === undefined) {
      await this.#load();
      return { element: this.#list(), title: 'Approvals' };
    }
    const { approval } = await this.api.get<'approval.show'>(`/approvals/${encodeURIComponent(id)}`);
    return { element: detailView(approval, this.reader, this.#decideAbout(approval), this.#reviewOf(approval)), title: 'Approval' };
  }

  #decideAbout({ request: { id, ask }, shown }: ShownGrant): Decide {
    return (verdict, grantDigest, comment) => {
      const vote = async (): Promise<void> => {
        const assertion = verdict === 'approve' && ask.signed ? await this.#authenticators.sign(grantDigest) : undefined;
        const { state } = await this.api.post<'approval.vote'>(`/approvals/${encodeURIComponent(id)}/votes`, { verdict, grantDigest, ...(comment && { comment }), ...(assertion && { assertion }) });
        this.#decided(verdict, { ...state, shown });
      };
      vote().catch((fault: unknown) => this.#refused(fault));
    };
  }

  #reviewOf({ request: { id }, shown }: ShownGrant): Reviewing {
    return (verdict, grantDigest, note) => {
      const said = async (): Promise<void> => {
        const { state } = await this.api.post<'approval.review'>(`/approvals/${encodeURIComponent(id)}/reviews`, { verdict, grantDigest, note });
        this.#told(isToReview(state) ? 'Your review counts. One more person has to review it.' : 'Your review counts, and it is the second of two.', verdict === 'object', { ...state, shown });
      };
      said().catch((fault: unknown) => this.#refused(fault));
    };
  }

  /** Says what was refused above what the reader was at, who may try again. */
  #refused(fault: unknown): void {
    main.querySelector('.said')?.remove();
    main.prepend(refusalText(fault));
    for (const one of main.querySelectorAll<HTMLButtonElement>('button[data-busy]')) { one.disabled = false; delete one.dataset['busy']; }
  }

  #decided(verdict: 'approve' | 'deny', state: ShownGrant): void {
    const what = verdict === 'deny' ? 'Denied. The command does not run.' : state.status === 'pending' ? 'Your yes counts. Others have to agree, too.' : 'Approved. The command may run now, once.';
    this.#told(what, verdict === 'deny', state);
  }

  /** What was on its way to be shown is out of date. */
  #told(what: string, isBad: boolean, state: ShownGrant): void {
    this.#route += 1;
    const said = element('p', { class: `said ${isBad ? 'bad' : 'good'}`, role: 'status' }, what, ' ', element('a', { href: '#/' }, 'All approvals'));
    main.replaceChildren(said, detailView(state, this.reader, () => undefined));
  }

  async #load(): Promise<void> {
    const { approvals } = await this.api.get<'approval.list'>('/approvals');
    this.#approvals = new Map(approvals.map((approval) => [approval.request.id, approval]));
    this.#showList();
  }

  #heard(approval: GrantState): void {
    const { id, requester } = approval.request;
    if (!this.#approvals.has(id)) say(approval.glass ? `${requester.name} broke the glass` : `${requester.name} asks for approval`);
    this.#approvals.set(id, approval);
    this.#showList();
    if (this.#shownId() === id && approval.status !== 'pending' && main.querySelector('form')) void this.#go();
  }

  /** Whoever goes through the list by keyboard stays where they are. */
  #showList(): void {
    if (this.#shownId() !== undefined || location.hash === AUTHENTICATORS || main.querySelector('form') !== null) return;
    const at = document.activeElement?.getAttribute('href');
    main.replaceChildren(this.#list());
    for (const link of main.querySelectorAll('a')) if (link.getAttribute('href') === at) link.focus();
  }

  #list(): HTMLElement {
    return listView([...this.#approvals.values()].sort((one, other) => other.request.requestedAt.localeCompare(one.request.requestedAt)));
  }

  #countDown(): void {
    const left = main.querySelector('#left');
    const state = this.#approvals.get(this.#shownId() ?? '');
    if (left && state) left.textContent = leftUntil(state.request.expiresAt, Date.now());
  }

  #shownId(): string | undefined {
    return /^#\/approvals\/([\w-]+)$/.exec(location.hash)?.[1];
  }
}

async function start(): Promise<void> {
  const token = await tokenFromReturn();
  if (token === undefined) return signInView();
  const api = new Api(token);
  const { principal } = await api.get<'identity.whoami'>('/whoami');
  document.querySelector('#who')!.replaceChildren('Signed in as ', exact(principal.name));
  await new Pages(api, principal).run();
}

start().catch((fault: unknown) => signInView(fault));
