import type { GrantState, ImpactPreview, ShownGrant } from '@interlock/contracts';
import { shownOf } from '@interlock/domain-approval';

/** An answer on the bus has at most 1 MiB; a request that fills it could otherwise hide every other one from its approvers. */
export const LIST_BYTES = 512 * 1024;
const TEXT_CHARACTERS = 2_000;

/** As many as fit one answer, in their order, each with the beginning of its text: `show` gives one of them whole. */
export function listed(approvals: readonly GrantState[]): ShownGrant[] {
  const shown: ShownGrant[] = [];
  let bytes = 0;
  for (const approval of approvals.map(shortened)) {
    bytes += Buffer.byteLength(JSON.stringify(approval));
    if (bytes > LIST_BYTES) break;
    shown.push(approval);
  }
  return shown;
}

/** For people to read, too. */
export function shownGrant(state: GrantState): ShownGrant {
  return { ...state, shown: shownOf(state.request) };
}

/** Without what only whoever decides has to read: the beginning of the text alone, which tells of a plan what is in it. */
export function shortened({ planned: _planned, request: { plan: _plan, ...request }, ...state }: GrantState): ShownGrant {
  const { action } = request;
  const { text } = action;
  const short = text.length <= TEXT_CHARACTERS ? text : `${text.slice(0, TEXT_CHARACTERS).toWellFormed()} ... (${text.length} characters; show it to read all)`;
  const { plan: _steps, sample: _sample, ...preview } = request.preview ?? {};
  return shownGrant({ ...state, request: { ...request, action: { ...action, text: short, parameters: [], accesses: [], facts: {} }, ...(request.preview && { preview: preview as ImpactPreview }) } });
}
