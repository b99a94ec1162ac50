import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { isSameRequester } from '@interlock/domain-approval';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { ANOTHER } from './approval.controller.js';
import { isGrantId, noSuchId } from './desk.js';
import { GlassDesk } from './glass-desk.js';

/** The glass is broken, by whoever's own token comes with it, and reviewed afterwards. */
@Controller()
export class GlassController {
  constructor(@Inject(Recognition) private readonly recognition: Recognition, @Inject(GlassDesk) private readonly desk: GlassDesk) {}

  @Rpc('approval.breakGlass')
  async break({ token, request }: RpcParsed<'approval.breakGlass'>): Promise<RpcAnswer<'approval.breakGlass'>> {
    const requester = await this.recognition.recogniseUnlocked(token);
    if (!requester.ok) return requester;
    return isSameRequester(requester.value.principal, request.requester) ? this.desk.break(request) : this.desk.refuse(request.id, request.connector, 'break', ANOTHER);
  }

  @Rpc('approval.review')
  async review({ token, id, verdict, grantDigest, note }: RpcParsed<'approval.review'>): Promise<RpcAnswer<'approval.review'>> {
    const reviewer = await this.recognition.recogniseUnlocked(token);
    if (!reviewer.ok) return reviewer;
    if (!isGrantId(id)) return noSuchId();
    const outcome = await this.desk.review(id, reviewer.value.principal, { verdict, grantDigest, note });
    return outcome.ok ? accepted({ state: outcome.value }) : outcome;
  }
}
