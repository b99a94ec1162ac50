import { faithful } from '@interlock/kernel';
import type { ApprovalRequest, Parameter, ShownRequest } from '@interlock/contracts';
import { effectInWords } from './effect-in-words.js';

/** A request as people read it: whatever they would not see as it is stands as an escape, so that what they read is what runs. */
export function shownOf({ action, reasons, ...of }: Pick<ApprovalRequest, 'action' | 'reasons' | 'requester' | 'bound'>): ShownRequest {
  const effect = effectInWords(of).map(faithful);
  const { reason, ticket, breakGlass } = action.stated ?? {};
  return {
    command: faithful(action.text), parameters: action.parameters.map(valueOf), reasons: reasons.map(faithful), ...(effect.length > 0 && { effect }),
    ...(reason !== undefined && { reason: faithful(reason) }), ...(ticket !== undefined && { ticket: faithful(ticket) }), ...(breakGlass !== undefined && { breakGlass: faithful(breakGlass) }),
  };
}

/** What an event has no room for is told by its hash: nobody shall take it for an empty value. */
function valueOf({ type, format, value, omitted }: Parameter): string {
  if (omitted) return `${omitted.values === undefined ? 'a value' : `this and all that follow, ${omitted.values} values`} of ${omitted.bytes} bytes, SHA-256 ${omitted.sha256} (type ${type}, ${format})`;
  return `${value === null ? 'NULL' : faithful(value)} (type ${type}, ${format})`;
}
