import type { Notice } from './notice.js';
import { shown } from './shown.js';

/** A section of a Slack message has 3,000 characters at most. */
const TOLD_MAX = 2_900;
const COMMAND_MAX = 1_800;
const NAME_MAX = 200;
const REASON_MAX = 300;
const OBJECTS_MAX = 8;
const REASONS_MAX = 4;
const EFFECTS_MAX = 4;

/** What is asked, in words that are the same for as long as the approval lives; `whole` when nothing of it was left out. */
export function told(notice: Notice): { readonly text: string; readonly whole: boolean } {
  const command = notice.text === undefined ? undefined : shown(notice.text, COMMAND_MAX, 'kept');
  const objects = notice.objects.slice(0, OBJECTS_MAX).map(name);
  const left = notice.objects.length - objects.length;
  const effects = (notice.effect ?? []).map((sentence) => shown(sentence, REASON_MAX));
  const lines = [
    `${name(notice.requester)} ${notice.glass ? 'broke the glass, with nobody asked, to' : 'asks to'} ${name(notice.verb)} at ${name(notice.target)}${objects.length === 0 ? '' : `: ${objects.join(', ')}`}${left > 0 ? ' and more' : ''}`,
    '',
    command?.text ?? 'The command is shown on the page alone: here it cannot be told for sure what in it is a value.',
    '',
    ...effects.slice(0, EFFECTS_MAX).map(({ text }) => text),
    ...(effects.length > EFFECTS_MAX ? ['And more about its effect, on the page.'] : []),
    ...notice.reasons.slice(0, REASONS_MAX).map((reason) => `Why: ${shown(reason, REASON_MAX).text}`),
    `Needs: ${notice.glass ? `two people of ${notice.glass.reviewers.map(name).join(' or ')} to review it` : notice.quorum.map(({ role, count }) => `${count} of ${name(role)}`).join(' and ')}`,
    `Approval ${name(notice.id)}, digest ${notice.grantDigest.slice(0, 16)}, ${notice.glass ? `review due ${notice.glass.reviewBy}` : `open until ${notice.expiresAt}`}`,
  ];
  const text = lines.join('\n');
  const whole = command !== undefined && !command.cut && left === 0 && effects.length <= EFFECTS_MAX && effects.every(({ cut }) => !cut) && text.length <= TOLD_MAX;
  return { text: text.length <= TOLD_MAX ? text : `${text.slice(0, TOLD_MAX).toWellFormed()} ...`, whole };
}

/** How it stands, in one line. */
export function standing({ status, votes, glass }: Notice): string {
  if (glass) return `${GLASS_IN_WORDS[glass.standing]}${glass.reviews.length === 0 ? '' : ` (${glass.reviews.map(({ reviewer, verdict }) => `${name(reviewer)} ${verdict === 'accept' ? 'accepts' : 'objects'}`).join(', ')})`}`;
  const by = votes.map(({ approver, verdict }) => `${name(approver)} ${verdict === 'approve' ? 'approved' : 'denied'}`).join(', ');
  return `${IN_WORDS[status]}${by === '' ? '' : ` (${by})`}`;
}

const IN_WORDS: Readonly<Record<Notice['status'], string>> = {
  pending: 'Waits for a decision', approved: 'Approved, not yet run', denied: 'Denied', expired: 'Expired: nobody decided in time, or it was not used', withdrawn: 'Withdrawn by the requester', consumed: 'Approved and run',
};

const GLASS_IN_WORDS: Readonly<Record<NonNullable<Notice['glass']>['standing'], string>> = {
  broken: 'The glass is broken: waits for its review', overdue: 'Not reviewed in time: whoever broke the glass is locked', accepted: 'Reviewed and accepted', objected: 'Reviewed, and objected to',
};

function name(text: string): string {
  return shown(text, NAME_MAX).text;
}
