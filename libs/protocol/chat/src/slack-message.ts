import { ACTIONS, buttonValue } from './button.js';
import { list, membersOf, text, type Members } from './members.js';
import type { Notice, Read } from './notice.js';
import { standing, told } from './told.js';

const BLOCKS = [['interlock-told', 'section'], ['interlock-standing', 'context'], ['interlock-decide', 'actions']] as const;
const LABELS = { approve: 'Approve', deny: 'Deny' } as const;

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
    ...(isOpen && notice.approvable ? [button('approve', LABELS.approve, { style: 'primary', value: buttonValue(notice) })] : []),
    ...(isOpen ? [button('deny', LABELS.deny, { style: 'danger', value: buttonValue(notice) })] : []),
    button('open', isOpen && !notice.approvable ? 'Open to approve' : 'Open', { url: page }),
  ];
  return {
    text: escapedForSlack(`Approval ${notice.id}: ${standing(notice)}`),
    blocks: [
      { type: BLOCKS[0][1], block_id: BLOCKS[0][0], text: plain(told(notice).text) },
      { type: BLOCKS[1][1], block_id: BLOCKS[1][0], elements: [plain(standing(notice))] },
      { type: BLOCKS[2][1], block_id: BLOCKS[2][0], elements: buttons },
    ],
  };
}

/**
 * What a message that Slack gives back told, where it is one of ours and nothing else stood in it: these three blocks, texts that are plain,
 * no picture, no field and no attachment. Undefined otherwise: something beside our words may have said something else.
 */
export function readIn(message: Members | undefined): Read | undefined {
  const blocks = list(message, 'blocks')?.map(membersOf) ?? [];
  if (blocks.length !== BLOCKS.length || blocks.some((block, at) => text(block, 'block_id') !== BLOCKS[at]![0] || text(block, 'type') !== BLOCKS[at]![1])) return undefined;
  if ((list(message, 'attachments') ?? []).length > 0 || (list(message, 'files') ?? []).length > 0) return undefined;
  const [section, context] = blocks;
  const elements = list(context, 'elements') ?? [];
  if (['accessory', 'fields'].some((name) => section?.[name] !== undefined) || elements.length !== 1) return undefined;
  const [told, standing] = [plainIn(section?.['text']), plainIn(elements[0])];
  return told === undefined || standing === undefined ? undefined : { told, standing };
}

/** Whether a pressed button says what it does. */
export function isLabelled(action: Members | undefined, verdict: 'approve' | 'deny'): boolean {
  return plainIn(action?.['text']) === LABELS[verdict];
}

function plainIn(value: unknown): string | undefined {
  const content = membersOf(value);
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
