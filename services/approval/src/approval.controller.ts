import { Controller, Inject } from '@nestjs/common';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { GrantState, Principal, SealedBox } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { allowedTo, lockOnPerson, recognise, refusedByLock, type Recognised, type RecognitionPorts } from '@interlock/domain-identity';
import { CONTROL, Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { ApprovalDesk } from './desk.js';
import { listed } from './listed.js';

/** Injection tokens of this service's own parts. */
export const DESK = Symbol('DESK');
export const RECOGNITION = Symbol('RECOGNITION');

/** Requests to the desk. Whoever speaks for a person is recognised here, from that person's own token. */
@Controller()
export class ApprovalController {
  constructor(
    @Inject(DESK) private readonly desk: ApprovalDesk,
    @Inject(RECOGNITION) private readonly recognition: RecognitionPorts,
    @Inject(CONTROL) private readonly control: Pick<ControlFollower, 'state'>,
  ) {}

  @Rpc('approval.request')
  request({ request }: RpcParsed<'approval.request'>): Promise<RpcAnswer<'approval.request'>> {
    return this.desk.request(request);
  }

  @Rpc('approval.withdraw')
  async withdraw({ id, connector }: RpcParsed<'approval.withdraw'>): Promise<RpcAnswer<'approval.withdraw'>> {
    const outcome = await this.desk.withdraw(id, connector);
    return outcome.ok ? accepted({}) : outcome;
  }

  @Rpc('approval.vote')
  async vote({ token, id, ...cast }: RpcParsed<'approval.vote'>): Promise<RpcAnswer<'approval.vote'>> {
    const voter = await this.unlocked(token);
    if (!voter.ok) return voter;
    const { verdict, grantDigest, comment } = cast;
    const outcome = await this.desk.vote(id, voter.value.principal, { verdict, grantDigest, ...(comment !== undefined && { comment }) });
    return outcome.ok ? accepted({ state: outcome.value }) : outcome;
  }

  @Rpc('approval.list')
  async list({ token, status }: RpcParsed<'approval.list'>): Promise<RpcAnswer<'approval.list'>> {
    const reader = await this.person(token);
    if (!reader.ok) return reader;
    const approvals = await this.desk.list(status);
    return accepted({ approvals: listed(approvals.filter((grant) => concerns(grant, reader.value))) });
  }

  @Rpc('approval.show')
  async show({ token, id }: RpcParsed<'approval.show'>): Promise<RpcAnswer<'approval.show'>> {
    const reader = await this.person(token);
    if (!reader.ok) return reader;
    const found = await this.desk.show(id);
    if (!found.ok) return found;
    if (!concerns(found.value, reader.value)) return refused('not_concerned', `Approval ${id} does not concern ${reader.value.principal.name}.`, { hint: 'Its requester’s owners, people in a role it asks for, and auditors may read it.' });
    return accepted({ approval: found.value });
  }

  /** Whoever is locked neither decides nor reads. */
  private async unlocked(token: SealedBox): Promise<Outcome<Recognised>> {
    const recognised = await recognise(token, this.recognition);
    const lock = recognised.ok ? lockOnPerson(recognised.value.principal, this.control.state.locks.values()) : undefined;
    return lock ? refusedByLock(lock) : recognised;
  }

  private async person(token: SealedBox): Promise<Outcome<Recognised>> {
    const reader = await this.unlocked(token);
    if (reader.ok && reader.value.principal.kind !== 'human') return refused('human_required', `${reader.value.principal.name} may not read approvals: only people may.`);
    return reader;
  }
}

/** Command texts and parameters may be sensitive: they are shown to those who can act on them, who answer for them, or who audit. */
function concerns({ request }: GrantState, { principal, configuration }: Recognised): boolean {
  return request.ask.quorum.some((part) => principal.roles.includes(part.role)) || sharesHuman(principal, request.requester) || allowedTo(principal, 'audit', configuration).ok;
}

function sharesHuman(one: Principal, other: Principal): boolean {
  return one.party.some((human) => other.party.includes(human));
}
