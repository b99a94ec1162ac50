import { Inject, Injectable } from '@nestjs/common';
import type { Outcome } from '@interlock/kernel';
import type { SealedBox } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { allowedTo, lockOnPerson, recognise, refusedByLock, type AdministrationTask, type Recognised, type TokenVerifier } from '@interlock/domain-identity';
import { CLOCK, CONTROL, KEYS, type Clock } from '@interlock/nest';

/** The vault's own finding of whose token a request carries: identity's word is not taken for it. */
@Injectable()
export class Recognition {
  readonly #verifier: TokenVerifier;

  constructor(
    @Inject(KEYS) private readonly keys: ServiceKeys,
    @Inject(CONTROL) private readonly control: ControlFollower,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#verifier = new OidcTokenVerifier(clock);
  }

  recognise(sealed: SealedBox): Promise<Outcome<Recognised>> {
    return recognise(sealed, {
      verifier: this.#verifier,
      openToken: (box) => this.#open(box),
      configuration: () => this.control.state.bundle?.configuration,
    });
  }

  /** A person who may do this in Interlock itself, and whom no lock stops. */
  async recogniseAdministrator(sealed: SealedBox, task: AdministrationTask): Promise<Outcome<Recognised>> {
    const recognised = await this.recognise(sealed);
    if (!recognised.ok) return recognised;
    const { principal, configuration } = recognised.value;
    const lock = lockOnPerson(principal, this.control.state.locks.values());
    if (lock) return refusedByLock(lock);
    const allowed = allowedTo(principal, task, configuration);
    return allowed.ok ? recognised : allowed;
  }

  #open(box: SealedBox): Outcome<string> {
    const opened = this.keys.open(box, 'token');
    return opened.ok ? { ok: true, value: opened.value.toString('utf8') } : opened;
  }
}
