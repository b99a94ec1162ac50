import { unreachable } from '@interlock/kernel';
import type { Ask, DecisionReason } from '@interlock/contracts';
import type { ApprovalRow } from '../views/approvals/row.js';
import type { CommandRow } from '../views/commands/row.js';

/** What would let a command through that was not allowed, as of now, one sentence each, none twice. */
export function whatLifts(command: CommandRow, approval: ApprovalRow | undefined, nowMs: number): string[] {
  const { decision, asking, reasons } = command;
  switch (decision) {
    case null:
    case 'allow':
      return [];
    case 'ask':
      return asking ? [agreement(asking.ask, approval, nowMs)] : [];
    case 'deny':
      return distinct((reasons ?? []).filter(({ effect }) => effect !== 'permit').map(ofRule));
    case 'refused':
      return distinct((reasons ?? []).map(({ rule, hint }) => hint ?? ofReason(rule)));
    default:
      return unreachable(decision);
  }
}

/** Several objects may be refused for the same reason. */
function distinct(ways: readonly string[]): string[] {
  return [...new Set(ways)];
}

function agreement(ask: Ask, approval: ApprovalRow | undefined, nowMs: number): string {
  const people = ask.quorum.map(({ role, count }) => `${count} of role ${role}`).join(' and ');
  if (!approval) return `It could not wait where it stood. Send it alone, outside a transaction and not in one message with others: then it waits for ${people}.`;
  if (approval.status === 'pending') return `${stillWaits(approval, nowMs)} ${people} may agree until ${approval.expiresAt ?? 'its window ends'} with: interlock approvals approve ${approval.grant}`;
  if (approval.status === 'approved') return `People have agreed: the same command, sent again before ${approval.expiresAt ?? 'its window ends'}, runs by approval ${approval.grant}, once.`;
  return `Approval ${approval.grant} is ${approval.status}, and serves no more. Sent again, the command waits anew for ${people}.`;
}

/** A request stays open when the command that asked is held no longer: nothing then runs by itself when people agree. */
function stillWaits({ waitsUntil, expiresAt }: ApprovalRow, nowMs: number): string {
  if (waitsUntil === null || nowMs < Date.parse(waitsUntil)) return 'It waits:';
  return `It waits no longer, since ${waitsUntil}, and was not sent; the same command, sent again before ${expiresAt ?? 'its window ends'}, waits on for the same approval, or runs by it once given.`;
}

function ofRule({ rule, effect, hint }: DecisionReason): string {
  const change = effect === 'default'
    ? 'A rule that permits it, proposed with `interlock apply` and approved by a second person.'
    : `A change of ${rule === 'risk' ? 'the risk model' : `rule ${rule}`}, proposed with \`interlock apply\` and approved by a second person.`;
  return hint === undefined ? change : `${hint} Or: ${change[0]!.toLowerCase()}${change.slice(1)}`;
}

function ofReason(reason: string): string {
  if (reason.startsWith('masking_')) return 'Ask for the masked columns themselves, which come back masked, and do not filter, join, sort, group or compute on them.';
  return 'No approval lifts it: what cannot be read as an action is never forwarded. Send it in another form, as its reason says.';
}
