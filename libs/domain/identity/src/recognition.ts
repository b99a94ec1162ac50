import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { AccessState, Bundle, Configuration, Lock, Principal, SealedBox } from '@interlock/contracts';
import { allowedToAny, type AdministrationTask } from './allowed-to.js';
import { lockOnPerson, refusedByLock } from './locks.js';
import { principalOf } from './principal-of.js';
import { rolesNow } from './roles-for-a-time.js';
import type { TokenVerifier } from './token.js';

/** What a service needs to find out for itself who stands behind a request. */
export interface RecognitionPorts {
  readonly verifier: TokenVerifier;
  /** Opens what was sealed to this service for one purpose; refuses any other box. */
  readonly keys: { openText(sealed: SealedBox, purpose: string): Outcome<string> };
  /** The bundle in force, undefined before the first, and the locks that stand. */
  readonly control: {
    readonly state: { readonly bundle: Pick<Bundle, 'configuration'> | undefined; readonly locks: ReadonlyMap<string, Lock>; readonly access: ReadonlyMap<string, AccessState> };
    /** True once `state` contains everything that was stored before this was called; false when that could not be seen to in time. */
    caughtUp(): Promise<boolean>;
  };
  nowMs(): number;
}

export interface Recognised {
  readonly principal: Principal;
  /** With the roles that hold at this moment. */
  readonly configuration: Configuration;
  /** Milliseconds since the epoch after which the token is refused. */
  readonly expiresAtMs: number;
}

/** A service's own finding of whose token a request carries: no other service's word is taken for it. */
export class Recognition {
  readonly #ports: RecognitionPorts;

  constructor(ports: RecognitionPorts) {
    this.#ports = ports;
  }

  /**
   * Whose token it is, locked or not, by the configuration in force: a role that was taken away, and answered as taken, before
   * this was asked counts no more. The first configuration of an installation is handed in: it says itself who may propose it.
   */
  async recognise(sealed: SealedBox, first?: Configuration): Promise<Outcome<Recognised>> {
    const { control } = this.#ports;
    if (!(await control.caughtUp())) return refused('control_plane_silent', 'What is in force could not be read, so nobody is recognised.', { retryable: true, hint: 'Try again; if this lasts, tell whoever runs Interlock.' });
    const inForce = first ?? control.state.bundle?.configuration;
    const configuration = inForce && rolesNow(inForce, control.state.access.values(), this.#ports.nowMs()).configuration;
    if (!configuration) return refused('not_configured', 'This installation has no configuration yet.', { retryable: true, hint: 'Run `interlock apply` with the first one.' });
    const token = this.#ports.keys.openText(sealed, 'token');
    if (!token.ok) return token;
    const verified = await this.#ports.verifier.verify(token.value, configuration.issuers);
    if (!verified.ok) return verified;
    const principal = principalOf(verified.value, configuration);
    return principal.ok ? accepted({ principal: principal.value, configuration, expiresAtMs: verified.value.expiresAtMs }) : principal;
  }

  /** The same, refused when a lock stands on this very person: locks on everything must not keep people from lifting them. */
  async recogniseUnlocked(sealed: SealedBox, configuration?: Configuration): Promise<Outcome<Recognised>> {
    const recognised = await this.recognise(sealed, configuration);
    if (!recognised.ok) return recognised;
    const lock = lockOnPerson(recognised.value.principal, this.#ports.control.state.locks.values());
    return lock ? refusedByLock(lock) : recognised;
  }

  /** An unlocked person with a token of their own. */
  async recogniseHuman(sealed: SealedBox): Promise<Outcome<Recognised>> {
    const recognised = await this.recogniseUnlocked(sealed);
    if (!recognised.ok || recognised.value.principal.kind === 'human') return recognised;
    return refused('human_required', `${recognised.value.principal.name} may not ask this: only a person may, acting with a token of their own.`);
  }

  /** An unlocked person who may do one of these tasks in Interlock itself. */
  async recogniseAdministrator(sealed: SealedBox, ...tasks: readonly [AdministrationTask, ...AdministrationTask[]]): Promise<Outcome<Recognised>> {
    const recognised = await this.recogniseUnlocked(sealed);
    if (!recognised.ok) return recognised;
    const { principal, configuration } = recognised.value;
    const allowed = allowedToAny(principal, tasks, configuration);
    return allowed.ok ? recognised : allowed;
  }
}
