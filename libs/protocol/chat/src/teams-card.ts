import { ACTIONS, buttonValue } from './button.js';
import type { Notice } from './notice.js';
import { standing, told } from './told.js';

/**
 * An approval as an Adaptive Card 1.4. Every text is a run of text, in which Teams knows no markup; line ends are blocks of their own.
 * Only denying is offered: a request from Teams does not carry a signature over what was pressed.
 */
export function teamsCard(notice: Notice, page: string): object {
  const isOpen = notice.status === 'pending';
  return {
    type: 'AdaptiveCard', $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', version: '1.4', fallbackText: `Approval ${notice.id}`,
    body: [...told(notice).text.split('\n').map((line) => plain(line, {})), plain(standing(notice), { weight: 'Bolder' })],
    actions: [
      ...(isOpen ? [{ type: 'Action.Execute', title: 'Deny', verb: ACTIONS.deny, style: 'destructive', data: { press: buttonValue(notice) } }] : []),
      { type: 'Action.OpenUrl', title: isOpen ? 'Open to approve' : 'Open', url: page },
    ],
  };
}

function plain(text: string, style: object): object {
  return { type: 'RichTextBlock', spacing: text === '' ? 'Small' : 'None', inlines: [{ type: 'TextRun', text: text === '' ? ' ' : text, ...style }] };
}
