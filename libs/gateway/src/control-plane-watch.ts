import { accepted, LIMITS, type Outcome } from '@interlock/kernel';
import type { Bundle, Configuration, Lock, VoteDelegation } from '@interlock/contracts';
import { rolesNow, type RolesNow } from '@interlock/domain-identity';
import type { Judge, JudgeCompiler } from '@interlock/domain-policy';
import type { BeaconSource, Clock, ControlSource } from './ports.js';
import { REFUSALS } from './refusals.js';

/** A timer holds 31 bits of milliseconds. */
const LOOK_AT_ROLES_MS = 3_600_000;

/** The bundle that decisions are made by now, compiled. */
export interface InForce {
  readonly bundle: Bundle;
  readonly judge: Judge;
}

export interface WatchPorts {
  readonly control: ControlSource;
  readonly beacon: BeaconSource;
  readonly clock: Clock;
  readonly compiler: JudgeCompiler;
  /** One sentence for the operator. */
  readonly onProblem: (problem: string) => void;
}

/**
 * What the control plane says, and whether its word is fresh: a beacon came within LIMITS.beaconWaitMs and everything that
 * it names has been followed. Without that commands wait, and after LIMITS.beaconRefuseMs of silence they are refused.
 */
export class ControlPlaneWatch {
  readonly #ports: WatchPorts;
  readonly #listeners = new Set<() => void>();
  readonly #stop: (() => void)[];
  #inForce: InForce | undefined;
  #compiledHash = '';
  #freshAtMs: number;
  #roles: RolesNow | undefined;
  #cancelRoles: () => void = () => undefined;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
    this.#freshAtMs = ports.clock.nowMs();
    this.#stop = [ports.control.onChange(() => this.#changed())];
    this.#compile();
    this.#followRoles();
  }

  /** The configuration in force with the roles that hold at this moment. */
  get configuration(): Configuration | undefined {
    if (this.#rolesPassed()) this.#changed();
    return this.#roles?.configuration;
  }

  get inForce(): InForce | undefined {
    return this.#inForce;
  }

  get locks(): Iterable<Lock> {
    return this.#ports.control.state.locks.values();
  }

  get delegations(): ReadonlyMap<string, VoteDelegation> {
    return this.#ports.control.state.delegations;
  }

  /** Calls `listener` after every change of bundle, locks or roles, the new judge in place; the result ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  isFresh(): boolean {
    const { beacon, control, clock } = this.#ports;
    if (this.#rolesPassed()) this.#changed();
    const { latest } = beacon;
    const now = clock.nowMs();
    if (!latest || now - latest.arrivedAtMs > LIMITS.beaconWaitMs || control.state.sequence < latest.beacon.controlSequence) return false;
    this.#freshAtMs = now;
    return true;
  }

  /** Resolves as soon as the word is fresh and there is a judge; refuses after too long a silence. */
  async whenFresh(): Promise<Outcome<InForce>> {
    if (!this.isFresh()) await this.#wait();
    if (!this.isFresh()) return { ok: false, refusal: REFUSALS.controlPlaneSilent };
    return this.#inForce ? accepted(this.#inForce) : { ok: false, refusal: REFUSALS.notConfigured };
  }

  /** Resolves once everything that the control plane has acknowledged until now counts here, without waiting for the beacon that names it. */
  async whenCaughtUp(): Promise<Outcome<void>> {
    return (await this.#ports.control.caughtUp()) ? accepted(undefined) : { ok: false, refusal: REFUSALS.controlPlaneSilent };
  }

  close(): void {
    for (const stop of this.#stop) stop();
    this.#cancelRoles();
    this.#listeners.clear();
  }

  #wait(): Promise<void> {
    const { beacon, control, clock } = this.#ports;
    const lastMs = Math.max(this.#freshAtMs, beacon.latest?.arrivedAtMs ?? 0);
    const leftMs = lastMs + LIMITS.beaconRefuseMs - clock.nowMs();
    if (leftMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stops: (() => void)[] = [];
      const end = (): void => {
        for (const stop of stops) stop();
        resolve();
      };
      const look = (): void => {
        if (this.isFresh()) end();
      };
      stops.push(clock.after(leftMs, end), beacon.onBeacon(look), control.onChange(look));
    });
  }

  #changed(): void {
    this.#compile();
    this.#followRoles();
    for (const listener of this.#listeners) listener();
  }

  /** A role for a time ends at its moment, whether a command comes just then (`isFresh`) or none does. */
  #followRoles(): void {
    const { control, clock } = this.#ports;
    const now = clock.nowMs();
    this.#cancelRoles();
    this.#roles = this.#inForce && rolesNow(this.#inForce.bundle.configuration, control.state.access.values(), now);
    const leftMs = (this.#roles?.untilMs ?? Number.POSITIVE_INFINITY) - now;
    this.#cancelRoles = leftMs === Number.POSITIVE_INFINITY ? () => undefined : clock.after(Math.min(leftMs, LOOK_AT_ROLES_MS), () => this.#changed());
  }

  #rolesPassed(): boolean {
    return this.#roles !== undefined && this.#ports.clock.nowMs() >= this.#roles.untilMs;
  }

  /** A bundle that does not compile leaves no judge: nothing is allowed by the rules that were in force before it. */
  #compile(): void {
    const { bundle, bundleHash } = this.#ports.control.state;
    if (bundleHash === this.#compiledHash) return;
    this.#compiledHash = bundleHash;
    const compiled = bundle && this.#ports.compiler.compile(bundle);
    if (compiled && !compiled.ok) this.#ports.onProblem(`Bundle ${bundle!.version} does not compile: ${compiled.refusal.detail}`);
    this.#inForce = compiled?.ok ? { bundle: bundle!, judge: compiled.value } : undefined;
  }
}
