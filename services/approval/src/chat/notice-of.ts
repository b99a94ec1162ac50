import type { ChatNotice, GrantState } from '@interlock/contracts';
import { effectInWords, glassStatus, voterName } from '@interlock/domain-approval';
import { withoutLiterals } from '@interlock/language-postgres';
import { told } from '@interlock/protocol-chat';

/**
 * What of an approval may leave for a chat: who, where, what kind of act on which objects, and the command without its values. No literal,
 * no parameter, no sample of rows; of a text whose literals cannot be told for sure, and of a plan, nothing.
 */
export function noticeOf(state: GrantState, revision: number): ChatNotice {
  const { request, status, votes } = state;
  const glass = glassOf(state);
  const { action, ask, requester, target, reasons, requestedAt, expiresAt, grantDigest, id, plan } = request;
  const text = action.protocol === 'postgres' && !plan ? withoutLiterals(action.text) : undefined;
  const effect = effectInWords(request);
  const notice = {
    id, revision, status, grantDigest, requester: requester.name, target, verb: action.verb, objects: objectsOf(request),
    ...(text !== undefined && { text }), ...(effect.length > 0 && { effect }), reasons: [...reasons], quorum: ask.quorum,
    votes: votes.map((cast) => ({ approver: voterName(cast), verdict: cast.verdict })), ...(glass && { glass }), requestedAt, expiresAt, approvable: false,
  };
  return cut({ ...notice, approvable: (ask.accepts ?? []).includes('slack') && told(notice).whole });
}

/** Its reason is told on the page alone, as what an agent states is. */
function glassOf(state: GrantState): ChatNotice['glass'] {
  const status = glassStatus(state);
  if (!status || !state.glass) return undefined;
  const { dueAt, reviews, overdueAt } = state.glass;
  const standing = status !== 'due' ? status : overdueAt === undefined ? 'broken' : 'overdue';
  return { standing, reviewers: state.request.ask.glass?.reviewers ?? [], reviewBy: dueAt, reviews: reviews.map(({ reviewer, verdict }) => ({ reviewer: reviewer.name, verdict })) };
}

const TEXT_MAX = 2_000;
/** One more than a message shows, so that it can say that there are more. */
const OBJECTS_MAX = 9;
const SENTENCES_MAX = 5;
const WORDS_MAX = 300;

/** What no message shows does not travel either. So cut, a notice has 50 KiB at most, whatever characters it is of: stream CHAT takes 64. */
function cut(notice: ChatNotice): ChatNotice {
  const short = (words: string, most: number): string => (words.length <= most ? words : `${words.slice(0, most).toWellFormed()} ...`);
  return {
    ...notice, ...(notice.text !== undefined && { text: short(notice.text, TEXT_MAX) }),
    ...(notice.effect && { effect: notice.effect.slice(0, SENTENCES_MAX).map((sentence) => short(sentence, WORDS_MAX)) }),
    objects: notice.objects.slice(0, OBJECTS_MAX).map((name) => short(name, WORDS_MAX)), reasons: notice.reasons.slice(0, SENTENCES_MAX).map((reason) => short(reason, WORDS_MAX)),
  };
}

/** Each object once, without the target that all are in. */
function objectsOf({ action, target }: GrantState['request']): string[] {
  const places = action.accesses.map(({ object: { path } }) => (path[0] === target ? path.slice(1) : path).join('.'));
  return [...new Set(places.filter((place) => place !== ''))];
}
