import type { GrantState, ObjectChanges } from '@interlock/contracts';

type Request = GrantState['request'];

/** What was found out about a command's effect before anyone was asked, and what was bounded, where the request carries it. */
export type Impact = Pick<Request, 'preview' | 'bound'>;

/** People who have to review a broken glass. */
const REVIEWS = 2;

/** Whether two people have still to say what they think of a broken glass. */
export function isToReview({ glass }: GrantState): boolean {
  return glass !== undefined && glass.reviews.length < REVIEWS;
}

/** What became of a broken glass, a sentence each; nothing where people were asked. */
export function glassInWords({ request, status, glass }: GrantState): readonly string[] {
  if (!glass) return [];
  const { requester: { name }, ask } = request;
  const ran = status === 'consumed' ? 'The command was let through at once.' : `The command was not let through: it is ${status}.`;
  return [
    `${name} broke the glass of rule ${ask.rules.join(', ')}, with nobody asked. ${ran}`,
    isToReview({ request, status, glass, votes: [] }) ? `Two people of ${ask.glass?.reviewers.join(' or ') ?? 'nobody'} review it until ${new Date(glass.dueAt).toLocaleString()}.` : `Reviewed by two: ${glass.reviews.some(({ verdict }) => verdict === 'object') ? 'objected to' : 'accepted'}.`,
    ...(glass.overdueAt === undefined ? [] : [`It was not reviewed in time, and ${name} ${glass.liftedAt === undefined ? 'is' : 'was'} locked for that.`]),
  ];
}

/** Who asks, with whoever stands behind them. */
export function whoAsks({ requester }: Request): string {
  const behind = requester.party.length > 0 ? requester.party.join(', ') : 'nobody that is known';
  const acting = requester.actors && requester.actors.length > 0 ? `, through ${requester.actors.join(', ')}` : '';
  return requester.kind === 'human' ? `${requester.name}, a person${acting}` : `${requester.name}, an agent${acting}; behind it: ${behind}`;
}

/** What it does to what, one line per verb and object. */
export function whatItDoes({ action }: Request): readonly string[] {
  const lines = action.accesses.map(({ verb, object }) => `${verb} ${object.kind} ${object.path.slice(1).join('.') || object.path.join('.')}`);
  return [...new Set(lines)];
}

/** What is known of its effect, a sentence each. */
export function impactOf(request: Request): readonly string[] {
  const { preview } = request;
  if (!preview) return ['No preview was taken: what it would change was not counted.'];
  return [
    ...(preview.kind === 'exact' ? [`${rows(preview.rows ?? 0)} counted, in a transaction that was rolled back.`] : []),
    ...(preview.kind === 'estimate' ? [`About ${rows(preview.estimatedRows ?? 0)}, as the target's planner expects; nothing was run.`] : []),
    ...(preview.kind === 'none' ? ['No preview could be taken.'] : []),
    ...(preview.changes ?? []).map(changeInWords),
    ...(preview.reason ? [preview.reason] : []),
    ...(preview.sampleWithheld ? [preview.sampleWithheld] : []),
  ];
}

function changeInWords({ object, inserted, updated, deleted }: ObjectChanges): string {
  const counts = Object.entries({ inserted, updated, deleted }).filter(([, count]) => count !== 0).map(([what, count]) => `${count} ${what}`);
  return `${object}: ${counts.join(', ') || 'nothing'}`;
}

/** What the requester says it is for: its word, and nobody's proof. */
export function statedIn({ action: { stated } }: Request): readonly string[] {
  return [...(stated?.reason === undefined ? [] : [`“${stated.reason}”`]), ...(stated?.breakGlass === undefined ? [] : [`“${stated.breakGlass}”`]), ...(stated?.ticket === undefined ? [] : [`ticket ${stated.ticket}`])];
}

/** What a yes brings about, and what it does not; `effect` is what approval says of its effect, in the words that chats and the command line have. */
export function whatYesMeans(request: Request, effect: readonly string[], left: readonly string[]): string {
  const { requester, target, expiresAt, plan, ask } = request;
  const rights = ask.signed ? `for ${requester.name} and under the elevated rights that are kept for what is signed` : `as ${requester.name}`;
  const others = left.length > 0 ? ` Others have to agree, too: ${left.join(' and ')}.` : '';
  const runs = plan ? `each of these commands may run once${plan.inOrder ? ', in this order' : ''}, as it stands here,` : 'exactly this command runs once';
  return `Yes means: ${runs} at ${target}, ${rights}, before ${timeOf(expiresAt)}.${effect.map((sentence) => ` ${sentence}`).join('')} The rules decide again just before; a changed rule or command makes your yes void.${others}`;
}

/** Who else has to agree when this reader has; empty when theirs is the last voice that is missing. */
export function stillNeeded({ request, votes }: GrantState, reader: { readonly roles: readonly string[] }): readonly string[] {
  const given = votes.filter(({ verdict }) => verdict === 'approve').map(({ approver }) => approver.roles);
  let isReadersLeft = true;
  return request.ask.quorum.flatMap(({ role, count }) => {
    let left = count;
    for (let at = given.findIndex((roles) => roles.includes(role)); at >= 0 && left > 0; at = given.findIndex((roles) => roles.includes(role))) {
      given.splice(at, 1);
      left -= 1;
    }
    if (left > 0 && isReadersLeft && reader.roles.includes(role)) [left, isReadersLeft] = [left - 1, false];
    return left > 0 ? [`${left} more of ${role}`] : [];
  });
}

/** A bind parameter as it runs. What an event has no room for is told by its hash: nobody shall take it for an empty value. */
export function parameterText({ value, omitted }: Request['action']['parameters'][number]): string {
  if (omitted) return `${omitted.values === undefined ? 'a value' : `this and all that follow, ${omitted.values} values`} of ${omitted.bytes} bytes, SHA-256 ${omitted.sha256}`;
  return value === null ? 'NULL' : value;
}

export function timeOf(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** How long is left, in one unit. */
export function leftUntil(at: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(at) - nowMs) / 1_000);
  if (seconds <= 0) return 'over';
  if (seconds < 120) return `${seconds} s left`;
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} min left` : `${Math.floor(seconds / 3_600)} h left`;
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
