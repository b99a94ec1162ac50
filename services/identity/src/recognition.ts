import { Inject, Injectable } from '@nestjs/common';
import { refused, type Outcome } from '@interlock/kernel';
import type { SealedBox } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { lockOnPerson, recognise, refusedByLock, type Recognised, type TokenVerifier } from '@interlock/domain-identity';
import { CLOCK, CONTROL, KEYS, type Clock } from '@interlock/nest';

/** Finds out for itself whose token a request carries, by the configuration of this moment. */
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

  /** Whose token it is, locked or not. */
  recognise(sealed: SealedBox): Promise<Outcome<Recognised>> {
    return recognise(sealed, {
      verifier: this.#verifier,
      openToken: (box) => this.#open(box),
      configuration: () => this.control.state.bundle?.configuration,
    });
  }

  /** The same, refused when a lock stands on this very person: locks on everything must not keep people from lifting them. */
  async recognisePerson(sealed: SealedBox): Promise<Outcome<Recognised>> {
    const recognised = await this.recognise(sealed);
    if (!recognised.ok) return recognised;
    const lock = lockOnPerson(recognised.value.principal, this.control.state.locks.values());
    return lock ? refusedByLock(lock) : recognised;
  }

  /** Only persons with a token of their own. */
  async recogniseHuman(sealed: SealedBox): Promise<Outcome<Recognised>> {
    const recognised = await this.recognisePerson(sealed);
    if (!recognised.ok || recognised.value.principal.kind === 'human') return recognised;
    return refused('human_required', `${recognised.value.principal.name} may not ask this: only a person may, acting with a token of their own.`);
  }

  #open(box: SealedBox): Outcome<string> {
    const opened = this.keys.open(box, 'token');
    return opened.ok ? { ok: true, value: opened.value.toString('utf8') } : opened;
  }
}
