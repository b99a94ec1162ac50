import { accepted, refused, type Outcome } from '@interlock/kernel';
import { readButton, verdictOf } from './button.js';
import { list, member, membersOf, objectIn, text } from './members.js';
import type { Press } from './notice.js';
import { isLabelled, readIn } from './slack-message.js';

/**
 * What was pressed, from the body of a request to the interactivity address (`payload=<JSON>`, form-encoded). It says nothing about who
 * sent it: that is the signature's business.
 *
 * Refuses with `chat_unreadable`, or `chat_other` when it is none of our buttons.
 */
export function readSlackPress(body: string): Outcome<Press> {
  const form = [...new URLSearchParams(body)];
  const payload = form.length === 1 && form[0]![0] === 'payload' ? objectIn(form[0]![1]) : undefined;
  if (!payload) return unreadable();
  if (text(payload, 'type') !== 'block_actions') return other();
  const actions = list(payload, 'actions');
  const action = membersOf(actions?.[0]);
  const verdict = verdictOf(text(action, 'action_id'));
  if (actions?.length !== 1 || verdict === undefined) return other();
  const button = readButton(text(action, 'value') ?? '');
  const [team, app, conversation] = [text(member(payload, 'team'), 'id'), text(payload, 'api_app_id'), text(member(payload, 'channel'), 'id')];
  const person = member(payload, 'user');
  const user = text(person, 'id');
  if (!button || team === undefined || app === undefined || user === undefined || conversation === undefined) return unreadable();
  return accepted({ verdict, ...button, team, app, user, userTeam: text(person, 'team_id') ?? team, conversation, read: isLabelled(action, verdict) ? readIn(member(payload, 'message')) : undefined });
}

function unreadable() {
  return refused('chat_unreadable', 'The request is not what Slack sends when one of our buttons is pressed.');
}

function other() {
  return refused('chat_other', 'The request is about something else than a decision.');
}
