import { ACTIONS, buttonValue } from './button.js';
import { list, membersOf, text, type Members } from './members.js';
import type { Notice } from './notice.js';
import { standing, told } from './told.js';

const TOLD_BLOCK = 'interlock-told';

/** A message as `chat.postMessage` and `chat.update` take it. */
export interface SlackMessage {
  /** For notifications, and readers without blocks. */
  readonly text: string;
  readonly blocks: readonly object[];
}

/** An approval as a message. Every text in it is plain: in plain text nothing is a mention, a link or markup, and nothing becomes a picture. */
export function slackMessage(notice: Notice, page: string): SlackMessage {
  const isOpen = notice.status === 'pending';
  const button = (action: keyof typeof ACTIONS, label: string, more: object): object => ({ type: 'button', action_id: ACTIONS[action], text: plain(label), ...more });
  const buttons = [
    ...(isOpen && notice.approvable ? [button('approve', 'Approve', { style: 'primary', value: buttonValue(notice) })] : []),
    ...(isOpen ? [button('deny', 'Deny', { style: 'danger', value: buttonValue(notice) })] : []),
    button('open', isOpen && !notice.approvable ? 'Open to approve' : 'Open', { url: page }),
  ];
  return {
    text: escapedForSlack(`Approval ${notice.id}: ${standing(notice)}`),
    blocks: [
      { type: 'section', block_id: TOLD_BLOCK, text: plain(told(notice).text) },
      { type: 'context', block_id: 'interlock-standing', elements: [plain(standing(notice))] },
      { type: 'actions', block_id: 'interlock-decide', elements: buttons },
    ],
  };
}

/** What a message of ours that Slack gives back tells; undefined when it is none. */
export function toldIn(message: Members | undefined): string | undefined {
  const section = list(message, 'blocks')?.map(membersOf).find((block) => text(block, 'block_id') === TOLD_BLOCK);
  const content = membersOf(section?.['text']);
  const said = text(content, 'type') === 'plain_text' ? text(content, 'text', 10_000) : undefined;
  return said?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Words for a message that has no blocks: with these three written out nothing in it is markup (https://docs.slack.dev/messaging/formatting-message-text). */
export function escapedForSlack(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function plain(words: string): object {
  return { type: 'plain_text', text: words, emoji: false };
}
