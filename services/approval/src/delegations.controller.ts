import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { Delegations } from './delegations.js';

/** Letting another human vote in one's stead, and ending that. */
@Controller()
export class DelegationsController {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(Delegations) private readonly delegations: Delegations,
  ) {}

  @Rpc('approval.delegate')
  async delegate({ token, to, roles, targets, rules, until, reason }: RpcParsed<'approval.delegate'>): Promise<RpcAnswer<'approval.delegate'>> {
    const recognised = await this.recognition.recogniseUnlocked(token);
    return recognised.ok ? this.delegations.make(recognised.value, { to, roles, until, reason, ...(targets && { targets }), ...(rules && { rules }) }) : recognised;
  }

  @Rpc('approval.delegations')
  async list({ token }: RpcParsed<'approval.delegations'>): Promise<RpcAnswer<'approval.delegations'>> {
    const reader = await this.recognition.recogniseHuman(token);
    return reader.ok ? accepted({ delegations: this.delegations.list() }) : reader;
  }

  @Rpc('approval.revokeDelegation')
  async revoke({ token, delegation }: RpcParsed<'approval.revokeDelegation'>): Promise<RpcAnswer<'approval.revokeDelegation'>> {
    const recognised = await this.recognition.recogniseUnlocked(token);
    return recognised.ok ? this.delegations.revoke(recognised.value, delegation) : recognised;
  }
}
