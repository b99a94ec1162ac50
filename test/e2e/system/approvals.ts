import { eventually } from './eventually.js';
import type { Place } from './installation.js';
import { api, apiOk, type Answer, type Name } from './people.js';

/** One approval, as the API shows it. */
export interface Approval {
  readonly status: string;
  readonly request: {
    readonly id: string; readonly session: string; readonly target: string; readonly actionDigest: string; readonly grantDigest: string; readonly reasons: readonly string[];
    readonly requester: { readonly name: string; readonly party: readonly string[] };
    readonly action: { readonly text: string; readonly parameters: readonly { readonly value: string | null }[] };
  };
  readonly votes: readonly { readonly verdict: string; readonly approver: { readonly name: string } }[];
}

/** Of a text, in the list. */
const LISTED_CHARACTERS = 2_000;

/** The pending approval for exactly this text, once it is there. */
export function pendingFor(place: Place, text: string): Promise<Approval> {
  return eventually(`an approval is asked for: ${text}`, async () => {
    const { approvals } = await apiOk<{ approvals: Approval[] }>(place, 'dba', 'GET', '/approvals?status=pending');
    // psql sends the semicolon, applications mostly do not. The list is short, and has the beginning of a long text; one approval is shown whole.
    const found = approvals.find(({ request }) => request.action.text.replace(/;$/, '').replace(/ \.\.\. \(\d+ characters; show it to read all\)$/, '') === text.slice(0, LISTED_CHARACTERS));
    return found && approvalById(place, found.request.id);
  });
}

export async function approvalById(place: Place, id: string): Promise<Approval> {
  return (await apiOk<{ approval: Approval }>(place, 'dba', 'GET', `/approvals/${id}`)).approval;
}

/** A vote; what the API answers is returned, also a refusal. */
export function vote(place: Place, as: Name, { request }: Approval, verdict: 'approve' | 'deny', grantDigest = request.grantDigest): Promise<Answer> {
  return api(place, as, 'POST', `/approvals/${request.id}/votes`, { verdict, grantDigest });
}

export function statusBecomes(place: Place, id: string, status: string, withinMs = 20_000): Promise<Approval> {
  return eventually(`approval ${id} is ${status}`, async () => {
    const approval = await approvalById(place, id);
    return approval.status === status && approval;
  }, { withinMs });
}
