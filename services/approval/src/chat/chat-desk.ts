import { accepted, refused, type Ledger, type Outcome } from '@interlock/kernel';
import { ChatRequest, draft, type AccessState, type Bundle, type Configuration, type GrantState, type Lock, type Principal, type SealedBox, type Vote } from '@interlock/contracts';
import { lockOnPerson, refusedByLock, rolesNow } from '@interlock/domain-identity';
import { standing, told } from '@interlock/protocol-chat';
import { AnsweredOnce } from './answered-once.js';
import { noticeOf } from './notice-of.js';
import { personOf } from './person.js';
import type { Verified } from './verified.js';

export interface ChatPorts {
  /** Opens what was sealed to this service for one purpose. */
  readonly keys: { openText(sealed: SealedBox, purpose: string): Outcome<string> };
  readonly control: { readonly state: { readonly bundle: Pick<Bundle, 'configuration'> | undefined; readonly locks: ReadonlyMap<string, Lock>; readonly access: ReadonlyMap<string, AccessState> } };
  readonly ledger: Ledger;
  readonly desk: {
    show(id: string): Promise<Outcome<GrantState>>;
    vote(id: string, approver: Principal, cast: Pick<Vote, 'verdict' | 'grantDigest' | 'via'>): Promise<Outcome<GrantState>>;
  };
  /** Whether the chat itself signed this, by approval's own knowledge of its keys. */
  verify(request: ChatRequest, configuration: Configuration): Promise<Outcome<Verified>>;
  nowMs(): number;
}

export interface ChatDecision {
  readonly grant: string;
  readonly verdict: 'approve' | 'deny';
  readonly status: GrantState['status'];
  readonly principal: string;
}

/**
 * Decisions from chats. Whoever carries one here is believed nothing: what counts is the chat's own signature over what was pressed, the
 * declared list of persons, and the rule. Denying takes a person who may decide; approving takes a rule that accepts this chat, and
 * that what Slack signs as the message around the button is what approval itself would write, and nothing else.
 *
 * An answer whose signature does not hold leaves no event: anyone could fill the ledger with them.
 */
export class ChatDesk {
  readonly #answered: AnsweredOnce<ChatDecision>;

  constructor(private readonly ports: ChatPorts) {
    this.#answered = new AnsweredOnce(() => ports.nowMs());
  }

  async decide(sealed: SealedBox): Promise<Outcome<ChatDecision>> {
    const request = this.#open(sealed);
    if (!request.ok) return request;
    const { bundle, access } = this.ports.control.state;
    const configuration = bundle && rolesNow(bundle.configuration, access.values(), this.ports.nowMs()).configuration;
    if (!configuration) return refused('not_configured', 'This installation has no configuration yet.', { retryable: true, hint: 'Run `interlock apply` with the first one.' });
    const verified = await this.ports.verify(request.value, configuration);
    if (!verified.ok) return verified;
    return this.#answered.answer(verified.value.requestHash, () => this.#carryOut(verified.value, configuration));
  }

  #open(sealed: SealedBox): Outcome<ChatRequest> {
    const opened = this.ports.keys.openText(sealed, 'chat-request');
    if (!opened.ok) return opened;
    const parsed = ChatRequest.safeParse(parseJson(opened.value));
    return parsed.success ? accepted(parsed.data) : refused('chat_unreadable', 'What was sealed is no request of a chat.');
  }

  async #carryOut(verified: Verified, configuration: Configuration): Promise<Outcome<ChatDecision>> {
    const { road, press: { grant, verdict, grantDigest }, requestHash } = verified;
    const voter = await this.#voter(verified, configuration);
    const about = { grant, road, team: verified.press.userTeam, user: verified.press.user, requestHash };
    if (!voter.ok) {
      await this.ports.ledger.append([draft('chat.refused.v1', { ...about, reason: voter.refusal.reason, detail: voter.refusal.detail })]);
      return voter;
    }
    await this.ports.ledger.append([draft('chat.decided.v1', { ...about, principal: voter.value.name, verdict })]);
    const voted = await this.ports.desk.vote(grant, voter.value, { verdict, grantDigest, via: road });
    return voted.ok ? accepted({ grant, verdict, status: voted.value.status, principal: voter.value.name }) : voted;
  }

  async #voter(verified: Verified, configuration: Configuration): Promise<Outcome<Principal>> {
    const person = personOf(verified, configuration);
    if (!person.ok) return person;
    const lock = lockOnPerson(person.value, this.ports.control.state.locks.values());
    if (lock) return refusedByLock(lock);
    const found = await this.ports.desk.show(verified.press.grant);
    if (!found.ok) return found;
    const strong = verified.press.verdict === 'deny' ? accepted(true) : strongEnough(verified, found.value);
    return strong.ok ? person : strong;
  }
}

/** Whether the rule accepts an approval by this road, and whether the person read what approval would have told them. */
function strongEnough({ road, press }: Verified, state: GrantState): Outcome<unknown> {
  const { ask } = state.request;
  const page = { hint: 'Open the approval on its page and decide there.' };
  if (!ask.accepts?.includes(road)) return refused('chat_not_accepted', `Rule ${ask.rules.join(', ')} does not accept approval in ${road}.`, { rule: ask.rules[0]!, ...page });
  // The desk says why it is closed.
  if (state.status !== 'pending') return accepted(true);
  const notice = noticeOf(state, 1);
  if (!notice.approvable) return refused('chat_not_whole', 'The command cannot be told whole in a chat, so nobody approves it there.', page);
  if (press.read?.told === told(notice).text && standingsOf(state).includes(press.read.standing)) return accepted(true);
  return refused('chat_message_differs', 'The message around the button is not what Interlock says of this approval.', { hint: 'Do not trust that message: open the approval on its page, and tell whoever runs Interlock.' });
}

/** How it stood since it was asked: a message may be behind by some votes. */
function standingsOf(state: GrantState): string[] {
  return Array.from({ length: state.votes.length + 1 }, (_, count) => standing(noticeOf({ ...state, votes: state.votes.slice(0, count) }, 1)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
