import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { accepted, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';
import { ofOneShape } from '@interlock/domain-approval';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { ApprovalDesk } from './desk.js';

/** One decision about several requests of one kind. It spares people the clicks and nothing else: each request is voted on by itself, under its own digest, and used once. */
@Controller()
export class BatchController {
  constructor(
    @Inject(ApprovalDesk) private readonly desk: ApprovalDesk,
    @Inject(Recognition) private readonly recognition: Recognition,
  ) {}

  @Rpc('approval.voteMany')
  async vote({ token, votes, verdict, comment, inSteadOf }: RpcParsed<'approval.voteMany'>): Promise<RpcAnswer<'approval.voteMany'>> {
    const voter = await this.recognition.recogniseUnlocked(token);
    if (!voter.ok) return voter;
    const alike = await this.ofOneShape(votes.map(({ id }) => id));
    if (!alike.ok) return alike;
    const batch = randomUUID();
    const results: { id: string; status?: 'pending' | 'approved' | 'denied'; refusal?: { reason: string; detail: string } }[] = [];
    for (const { id, grantDigest } of votes) {
      const outcome = await this.desk.vote(id, voter.value.principal, { verdict, grantDigest, batch, ...(comment !== undefined && { comment }) }, inSteadOf);
      results.push(outcome.ok ? { id, status: outcome.value.status as 'pending' | 'approved' | 'denied' } : { id, refusal: outcome.refusal });
    }
    return accepted({ batch, results });
  }

  /** All of them are there and alike, or nothing is voted on. */
  private async ofOneShape(ids: readonly string[]): Promise<Outcome<unknown>> {
    const requests: ApprovalRequest[] = [];
    for (const id of ids) {
      const found = await this.desk.show(id);
      if (!found.ok) return found;
      requests.push(found.value.request);
    }
    return ofOneShape(requests);
  }
}
