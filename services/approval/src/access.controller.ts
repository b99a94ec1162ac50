import { Controller, Inject } from '@nestjs/common';
import { accepted, type Outcome } from '@interlock/kernel';
import type { AccessState } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { AccessDesk } from './access-desk.js';

/** Roles for a time: asked for, decided and ended. */
@Controller()
export class AccessController {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(AccessDesk) private readonly desk: AccessDesk,
  ) {}

  @Rpc('approval.requestAccess')
  async request({ token, role, for: name, seconds, reason }: RpcParsed<'approval.requestAccess'>): Promise<RpcAnswer<'approval.requestAccess'>> {
    const who = await this.recognition.recogniseUnlocked(token);
    return who.ok ? told(await this.desk.request(who.value, { role, seconds, reason, ...(name !== undefined && { for: name }) })) : who;
  }

  @Rpc('approval.access')
  async list({ token }: RpcParsed<'approval.access'>): Promise<RpcAnswer<'approval.access'>> {
    const reader = await this.recognition.recogniseUnlocked(token);
    return reader.ok ? accepted({ access: this.desk.list(reader.value) }) : reader;
  }

  @Rpc('approval.voteAccess')
  async vote({ token, id, verdict, digest, comment }: RpcParsed<'approval.voteAccess'>): Promise<RpcAnswer<'approval.voteAccess'>> {
    const who = await this.recognition.recogniseUnlocked(token);
    return who.ok ? told(await this.desk.vote(who.value, id, { verdict, digest, ...(comment !== undefined && { comment }) })) : who;
  }

  @Rpc('approval.endAccess')
  async end({ token, id }: RpcParsed<'approval.endAccess'>): Promise<RpcAnswer<'approval.endAccess'>> {
    const who = await this.recognition.recogniseUnlocked(token);
    return who.ok ? told(await this.desk.end(who.value, id)) : who;
  }
}

function told(outcome: Outcome<AccessState>): RpcAnswer<'approval.endAccess'> {
  return outcome.ok ? accepted({ access: outcome.value }) : outcome;
}
