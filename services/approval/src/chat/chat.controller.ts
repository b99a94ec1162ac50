import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { CLOCK, Rpc, type Clock, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { ApprovalDesk } from '../desk.js';
import { ChatDesk } from './chat-desk.js';
import { noticesAfter } from './notices.js';

/** What chatops may ask: what chats are to be told, and to take in what a chat itself has signed. */
@Controller()
export class ChatController {
  constructor(
    @Inject(ApprovalDesk) private readonly approvals: ApprovalDesk,
    @Inject(ChatDesk) private readonly chat: ChatDesk,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Rpc('approval.notices')
  async notices({ after }: RpcParsed<'approval.notices'>): Promise<RpcAnswer<'approval.notices'>> {
    return accepted(noticesAfter(after, await this.approvals.states(), this.clock.nowMs()));
  }

  @Rpc('approval.chatDecision')
  decide({ sealed }: RpcParsed<'approval.chatDecision'>): Promise<RpcAnswer<'approval.chatDecision'>> {
    return this.chat.decide(sealed);
  }
}
