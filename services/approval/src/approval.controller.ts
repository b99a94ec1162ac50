import { Controller, Inject } from '@nestjs/common';
import { accepted, refused, type Refusal } from '@interlock/kernel';
import { isSameRequester } from '@interlock/domain-approval';
import type { GrantState } from '@interlock/contracts';
import { allowedTo, humansShared, Recognition, type Recognised } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { Changes } from './changes.js';
import { Delegations } from './delegations.js';
import { ApprovalDesk } from './desk.js';
import { Plans } from './plans.js';
import { listed, shownGrant } from './listed.js';

/** Requests to the desk. Whoever speaks for a person is recognised here, from that person's own token; whoever is locked neither decides nor reads. */
@Controller()
export class ApprovalController {
  constructor(
    @Inject(ApprovalDesk) private readonly desk: ApprovalDesk,
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(Plans) private readonly plans: Plans,
    @Inject(Changes) private readonly changed: Changes,
    @Inject(Delegations) private readonly delegations: Pick<Delegations, 'covers'>,
  ) {}

  @Rpc('approval.request')
  async request({ token, request }: RpcParsed<'approval.request'>): Promise<RpcAnswer<'approval.request'>> {
    const requester = await this.recognition.recogniseUnlocked(token);
    if (!requester.ok) return requester;
    if (isSameRequester(requester.value.principal, request.requester)) return this.desk.request(request);
    await this.desk.recordRejection(request.id, request.connector, ANOTHER);
    return { ok: false, refusal: ANOTHER };
  }

  @Rpc('approval.plan')
  async plan({ token, ...wish }: RpcParsed<'approval.plan'>): Promise<RpcAnswer<'approval.plan'>> {
    const proposer = await this.recognition.recogniseUnlocked(token);
    if (!proposer.ok) return proposer;
    const proposed = await this.plans.propose(proposer.value, wish);
    return proposed.ok ? accepted({ approval: shownGrant(proposed.value) }) : proposed;
  }

  @Rpc('approval.withdraw')
  async withdraw({ id, connector, instance }: RpcParsed<'approval.withdraw'>): Promise<RpcAnswer<'approval.withdraw'>> {
    const outcome = await this.desk.withdraw(id, { connector, instance });
    return outcome.ok ? accepted({}) : outcome;
  }

  @Rpc('approval.takeBack')
  async takeBack({ token, id }: RpcParsed<'approval.takeBack'>): Promise<RpcAnswer<'approval.takeBack'>> {
    const who = await this.recognition.recogniseUnlocked(token);
    if (!who.ok) return who;
    const outcome = await this.desk.takeBack(id, who.value.principal);
    return outcome.ok ? accepted({ state: outcome.value }) : outcome;
  }

  @Rpc('approval.vote')
  async vote({ token, id, ...cast }: RpcParsed<'approval.vote'>): Promise<RpcAnswer<'approval.vote'>> {
    const voter = await this.recognition.recogniseUnlocked(token);
    if (!voter.ok) return voter;
    const { verdict, grantDigest, comment, assertion, inSteadOf } = cast;
    const outcome = await this.desk.vote(id, voter.value.principal, { verdict, grantDigest, ...(comment !== undefined && { comment }), ...(assertion && { assertion }) }, inSteadOf);
    return outcome.ok ? accepted({ state: outcome.value }) : outcome;
  }

  @Rpc('approval.list')
  async list({ token, status }: RpcParsed<'approval.list'>): Promise<RpcAnswer<'approval.list'>> {
    const reader = await this.recognition.recogniseHuman(token);
    if (!reader.ok) return reader;
    const approvals = await this.desk.list(status);
    return accepted({ approvals: listed(approvals.filter((grant) => this.concerns(grant, reader.value))) });
  }

  @Rpc('approval.changes')
  async changes({ token, after, waitMs }: RpcParsed<'approval.changes'>): Promise<RpcAnswer<'approval.changes'>> {
    const reader = await this.recognition.recogniseHuman(token);
    if (!reader.ok) return reader;
    const { changes, ...place } = await this.changed.since(after, (grant) => this.concerns(grant, reader.value), waitMs);
    return accepted({ changes: [...changes], ...place });
  }

  @Rpc('approval.show')
  async show({ token, id }: RpcParsed<'approval.show'>): Promise<RpcAnswer<'approval.show'>> {
    const reader = await this.recognition.recogniseHuman(token);
    if (!reader.ok) return reader;
    const found = await this.desk.show(id);
    if (!found.ok) return found;
    if (!this.concerns(found.value, reader.value)) return refused('not_concerned', `Approval ${id} does not concern ${reader.value.principal.name}.`, { hint: 'Its requester’s owners, people in a role it asks for, and auditors may read it.' });
    return accepted({ approval: shownGrant(found.value) });
  }

  /** Command texts and parameters may be sensitive: they are shown to those who can act on them, who answer for them, or who audit. */
  private concerns({ request }: GrantState, { principal, configuration }: Recognised): boolean {
    const reviews = request.ask.glass?.reviewers.some((role) => principal.roles.includes(role)) ?? false;
    const isAsked = reviews || request.ask.quorum.some((part) => principal.roles.includes(part.role)) || this.delegations.covers(principal, request);
    return isAsked || humansShared(principal, request.requester).length > 0 || allowedTo(principal, 'audit', configuration).ok;
  }
}

/** An agent would be judged by other people than those behind it. */
export const ANOTHER: Refusal = { reason: 'requester_mismatch', detail: 'The request names another requester than the one whose token came with it.', hint: 'Nobody was asked. Tell whoever runs Interlock: a connector speaks for a principal that is not its own.' };
