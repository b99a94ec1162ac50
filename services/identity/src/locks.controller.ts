import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { connectorLock, Recognition } from '@interlock/domain-identity';
import { CONTROL, Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { LockDesk } from './lock-desk.js';

/** The immediate stop: one person may pull it, two must let go. A session is revoked by a lock on it. */
@Controller()
export class LocksController {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(LockDesk) private readonly desk: LockDesk,
    @Inject(CONTROL) private readonly control: ControlFollower,
  ) {}

  @Rpc('identity.lock')
  async lock(request: RpcParsed<'identity.lock'>): Promise<RpcAnswer<'identity.lock'>> {
    const { token, scope, subject, reason } = request;
    const recognised = await this.recognition.recogniseUnlocked(token);
    return recognised.ok ? this.desk.lock(recognised.value, { scope, subject, reason }) : recognised;
  }

  /** Only policy can ask this: the bus lets nobody else. */
  @Rpc('identity.lockConnector')
  async lockConnector({ connector, instance, event, reason }: RpcParsed<'identity.lockConnector'>): Promise<RpcAnswer<'identity.lockConnector'>> {
    const wish = connectorLock(connector, instance, reason);
    return wish.ok ? this.desk.lockConnector(wish.value, event) : wish;
  }

  /** Only approval can ask this and the next. */
  @Rpc('identity.lockUnreviewed')
  async lockUnreviewed({ grant, principal, reason }: RpcParsed<'identity.lockUnreviewed'>): Promise<RpcAnswer<'identity.lockUnreviewed'>> {
    return this.desk.lockUnreviewed(grant, principal, reason);
  }

  @Rpc('identity.liftReviewed')
  async liftReviewed({ grant, by }: RpcParsed<'identity.liftReviewed'>): Promise<RpcAnswer<'identity.liftReviewed'>> {
    return this.desk.liftReviewed(grant, by);
  }

  @Rpc('identity.unlock')
  async unlock(request: RpcParsed<'identity.unlock'>): Promise<RpcAnswer<'identity.unlock'>> {
    const recognised = await this.recognition.recogniseUnlocked(request.token);
    return recognised.ok ? this.desk.unlock(recognised.value, request.lock) : recognised;
  }

  @Rpc('identity.locks')
  async locks(request: RpcParsed<'identity.locks'>): Promise<RpcAnswer<'identity.locks'>> {
    const recognised = await this.recognition.recogniseHuman(request.token);
    return recognised.ok ? accepted({ locks: [...this.control.state.locks.values()] }) : recognised;
  }
}
