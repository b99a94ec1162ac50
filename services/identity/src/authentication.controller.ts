import { Controller, Inject } from '@nestjs/common';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Trust } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { connectorOf, lockAgainst, Recognition, refusedByLock, shownName, type Recognised } from '@interlock/domain-identity';
import { CONTROL, LOGGER, Rpc, TRUST, type Logger, type RpcAnswer, type RpcParsed } from '@interlock/nest';

/** Who is this? Asked by connectors before a session opens, and by the doors for people. */
@Controller()
export class AuthenticationController {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(CONTROL) private readonly control: ControlFollower,
    @Inject(TRUST) private readonly trust: Trust,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Rpc('identity.authenticate')
  async authenticate(request: RpcParsed<'identity.authenticate'>): Promise<RpcAnswer<'identity.authenticate'>> {
    const { connector, instance, session, target } = request;
    if (!connectorOf(connector, this.trust)) {
      this.logger.warn('an unknown connector asked who someone is', { connector: shownName(connector) });
      return refused('connector_unknown', 'No connector of this name belongs to this installation.');
    }
    const recognised = await this.recognition.recognise(request.token);
    if (!recognised.ok) return recognised;
    const carrier = instance === undefined ? connector : `${connector}/${instance}`;
    const admitted = this.#admit(recognised.value, { target, session, connector: carrier });
    return admitted.ok ? accepted({ ...told(recognised.value), bundleVersion: admitted.value }) : admitted;
  }

  @Rpc('identity.whoami')
  async whoami(request: RpcParsed<'identity.whoami'>): Promise<RpcAnswer<'identity.whoami'>> {
    const recognised = await this.recognition.recogniseUnlocked(request.token);
    return recognised.ok ? accepted(told(recognised.value)) : recognised;
  }

  /** The version of the bundle it was decided under, or why this principal may not open this session. */
  #admit(recognised: Recognised, where: { readonly target: string; readonly session: string; readonly connector: string }): Outcome<number> {
    const { bundle, locks } = this.control.state;
    if (!bundle?.configuration.targets.some((known) => known.name === where.target)) {
      return refused('target_unknown', `There is no target ${shownName(where.target)}.`, { hint: 'Connect with the name of a target that interlock.yaml defines.' });
    }
    const lock = lockAgainst({ principal: recognised.principal, ...where }, locks.values());
    return lock ? refusedByLock(lock) : accepted(bundle.version);
  }
}

function told({ principal, expiresAtMs }: Recognised) {
  return { principal, expiresAt: new Date(expiresAtMs).toISOString() };
}
