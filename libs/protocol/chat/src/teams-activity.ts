import { accepted, refused, type Outcome } from '@interlock/kernel';
import { readButton, verdictOf } from './button.js';
import { member, objectIn, text } from './members.js';
import type { Press } from './notice.js';

/** What someone pressed in Teams, and what the request says of itself. */
export interface TeamsPress extends Press {
  /** To be compared with the claim of the token. */
  readonly serviceUrl: string;
  readonly channel: string;
  /** The activity's own id. */
  readonly activity: string;
  readonly atMs: number;
}

/**
 * What was pressed, from an activity of the Bot Framework (`invoke`, `adaptiveCard/action`). It says nothing about who sent it.
 *
 * Refuses with `chat_unreadable`, or `chat_other` when it is none of our buttons.
 */
export function readTeamsPress(body: string): Outcome<TeamsPress> {
  const activity = objectIn(body);
  if (!activity) return unreadable();
  const action = member(member(activity, 'value'), 'action');
  const isPress = text(activity, 'type') === 'invoke' && text(activity, 'name') === 'adaptiveCard/action';
  const verdict = verdictOf(text(action, 'verb'));
  if (!isPress || verdict === undefined) return refused('chat_other', 'The request is about something else than a decision.');
  const button = readButton(text(member(action, 'data'), 'press') ?? '');
  const told = {
    serviceUrl: text(activity, 'serviceUrl'), channel: text(activity, 'channelId'), activity: text(activity, 'id'), user: text(member(activity, 'from'), 'aadObjectId')?.toLowerCase(),
    team: text(member(activity, 'conversation'), 'tenantId')?.toLowerCase(), app: text(member(activity, 'recipient'), 'id')?.replace(/^28:/, ''), conversation: text(member(activity, 'conversation'), 'id', 500)?.split(';')[0],
  };
  const atMs = Date.parse(text(activity, 'timestamp', 40) ?? '');
  if (!button || !isWhole(told) || Number.isNaN(atMs)) return unreadable();
  return accepted({ verdict, ...button, ...told, userTeam: told.team, read: undefined, atMs });
}

function isWhole<T extends Readonly<Record<string, string | undefined>>>(members: T): members is T & Readonly<Record<keyof T, string>> {
  return Object.values(members).every((value) => value !== undefined);
}

function unreadable() {
  return refused('chat_unreadable', 'The request is not what Teams sends when one of our buttons is pressed.');
}
