import type { Outcome } from '@interlock/kernel';
import type { Action, Bundle, Circumstances, Decision, GatheredFacts, GrantFact, Principal, RiskModel, Target } from '@interlock/contracts';
import type { Done } from './dynamic/act.js';
import type { WindowSeparation } from './dynamic/separations.js';

/** Everything a decision may depend on. Nothing is fetched while deciding. */
export interface JudgeRequest {
  readonly principal: Principal;
  readonly target: Target;
  readonly action: Action;
  /** Present when a parked command is decided again before forwarding. */
  readonly grant?: GrantFact;
  /** What was gathered of the history of objects and of what the target expects, by access; null or absent counts as nothing known. */
  readonly gathered?: readonly (GatheredFacts | null)[];
  /** The time, and what principal and session did before. What is not told counts against the command. */
  readonly circumstances?: Circumstances;
}

/** What of a principal's recent behaviour a judge has to be told. */
export interface Wanted {
  readonly recent: readonly Pick<RiskModel['recent'][number], 'measure' | 'minutes'>[];
  /** What must be known of a party's acts, over all its sessions: only where there are any is it kept. */
  readonly windows: readonly WindowSeparation[];
}

/**
 * Decides synchronously by one bundle.
 *
 * Contract: pure; the same request gives the same decision; an evaluation error denies with rule `evaluation-error`;
 * no matching permit denies with rule `default-deny`.
 */
export interface Judge {
  readonly bundleVersion: number;
  /** Whether any rule that may apply at this target reads the history of objects: only then is it kept. */
  readsHistoryAt(target: string): boolean;
  /** Whether any that may apply to this verb there does: only then is it gathered. */
  readsHistoryOn(verb: string, target: string): boolean;
  /** The same of what a target expects of a command. */
  readsEstimateAt(target: string): boolean;
  readsEstimateOn(verb: string, target: string): boolean;
  /** Circumstances that it has to be told with each request; absent where it looks at none. */
  readonly wants?: Wanted;
  /** Roles that a rule names: whoever it permits something exercises them. */
  rolesOf(rule: string): readonly string[];
  /** Those of `wants.windows` that may be about this action: only for these is it gathered what the party did. Absent where there are none. */
  windowsOn?(principal: Principal, target: Target, action: Done): readonly WindowSeparation[];
  judge(request: JudgeRequest): Decision;
}

/** Compiles a bundle's rules once. Refuses with file, line and what was expected; never half-loads. */
export interface JudgeCompiler {
  compile(bundle: Bundle): Outcome<Judge>;
}
