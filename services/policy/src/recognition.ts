import { accepted, type Outcome } from '@interlock/kernel';
import type { Configuration, SealedBox } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { lockOnPerson, recognise, refusedByLock, type Recognised, type TokenVerifier } from '@interlock/domain-identity';

/** Finds out for itself whose token a request carries. A locked person is refused. */
export class Recognition {
  constructor(
    private readonly keys: Pick<ServiceKeys, 'open'>,
    private readonly control: Pick<ControlFollower, 'state'>,
    private readonly verifier: TokenVerifier,
  ) {}

  /** By the configuration in force, or by this one: the first of an installation says itself who may propose it. */
  async recognise(token: SealedBox, configuration?: Configuration): Promise<Outcome<Recognised>> {
    const { bundle, locks } = this.control.state;
    const recognised = await recognise(token, {
      verifier: this.verifier,
      openToken: (box) => this.#open(box),
      configuration: () => configuration ?? bundle?.configuration,
    });
    if (!recognised.ok) return recognised;
    const lock = lockOnPerson(recognised.value.principal, locks.values());
    return lock ? refusedByLock(lock) : recognised;
  }

  #open(box: SealedBox): Outcome<string> {
    const opened = this.keys.open(box, 'token');
    return opened.ok ? accepted(opened.value.toString('utf8')) : opened;
  }
}
