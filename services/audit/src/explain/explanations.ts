import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Explanation } from '@interlock/contracts';
import { allowedTo, type Recognised } from '@interlock/domain-identity';
import type { ApprovalRow } from '../views/approvals/row.js';
import { commandNamed } from '../views/commands/query.js';
import type { CommandRow } from '../views/commands/row.js';
import type { Views } from '../views/views.js';
import { whatLifts } from './lifting.js';

/** Says why recorded commands were decided as they were, to those whom they concern. */
export class Explanations {
  constructor(private readonly views: Views, private readonly nowMs: () => number) {}

  /** `id` is a command's, an approval's, or that of an event that decided about a command, as refusals name it. */
  async of(id: string, reader: Recognised): Promise<Outcome<Explanation>> {
    const approvals = this.views.repository('approvals');
    const asked = await approvals.findOneBy({ grant: id });
    const command = await commandNamed(this.views.repository('commands'), asked?.command ?? id);
    if (!command) return refused('not_found', `No command, decision or approval ${id} is in the views.`, { hint: 'The views follow the ledger by a moment; check the id, or ask again.' });
    const [approval] = asked ? [asked] : await approvals.find({ where: command.grant === null ? { command: command.command } : { grant: command.grant }, take: 1 });
    const sight = await this.#sight(command, approval, reader);
    if (!sight) return refused('not_concerned', `Decision ${id} does not concern ${reader.principal.name}.`, { hint: 'Its principal, the humans behind it, those who are asked to agree to it, auditors and people who change the configuration may have it explained.' });
    return accepted(explanation(command, approval, { sight, nowMs: this.nowMs() }));
  }

  /** How much of it this reader may see. */
  async #sight({ principal, session }: CommandRow, approval: ApprovalRow | undefined, { principal: reader, configuration }: Recognised): Promise<'all' | 'without text' | undefined> {
    if (allowedTo(reader, 'audit', configuration).ok || reader.name === principal) return 'all';
    const asked = [...(approval?.ask?.quorum.map(({ role }) => role) ?? []), ...(approval?.ask?.glass?.reviewers ?? [])];
    if (reader.kind === 'human' && asked.some((role) => reader.roles.includes(role))) return 'all';
    const opened = session === null || reader.kind !== 'human' ? null : await this.views.repository('sessions').findOneBy({ session });
    if (opened?.party?.some((human) => reader.party.includes(human))) return 'all';
    return allowedTo(reader, 'changes', configuration).ok ? 'without text' : undefined;
  }
}

const WITHHELD = 'Text and parameters are shown to auditors, to the principal itself, to the humans behind it and to those who are asked to agree.';

function explanation(row: CommandRow, approval: ApprovalRow | undefined, { sight, nowMs }: { readonly sight: 'all' | 'without text'; readonly nowMs: number }): Explanation {
  const { command, session, principal, target, askedAt, text, parameters, verb, accesses, facts } = row;
  return {
    command, session, principal, target, askedAt,
    ...(sight === 'all' ? { ...(text !== null && { text }), ...(parameters !== null && { parameters }) } : { withheld: WITHHELD }),
    ...(verb !== null && { verb }), ...(accesses !== null && { accesses }), ...(facts !== null && { facts }),
    decisions: decisionsOf(row),
    ...(approval && { approval: { grant: approval.grant, status: approval.status, expiresAt: approval.expiresAt, votes: approval.votes.map(({ approver, verdict, at }) => ({ approver: approver.name, verdict, at })) } }),
    ...(row.status !== null && { outcome: { status: row.status, summary: row.summary, errorCode: row.errorCode, rows: row.rows, masked: row.masked } }),
    lift: whatLifts(row, approval, nowMs),
  };
}

function decisionsOf({ asking, event, decidedAt, decision, reasons, bundleVersion, risk, gathered }: CommandRow): Explanation['decisions'] {
  const asked = asking ? [{ event: asking.event, at: asking.at, outcome: 'ask' as const, reasons: asking.reasons, bundleVersion: asking.bundleVersion, ask: asking.ask, ...(asking.risk && { risk: asking.risk }), ...(asking.gathered && { gathered: asking.gathered }) }] : [];
  if (decision === null || (asking && decision === 'ask')) return asked;
  return [...asked, { event, at: decidedAt, outcome: decision, reasons: reasons ?? [], bundleVersion, ...(risk && { risk }), ...(gathered && { gathered }) }];
}
