import type { Outcome } from '@interlock/kernel';
import type { Action, Bundle, Decision, GrantFact, HistoryFacts, Principal, Target } from '@interlock/contracts';

/** Everything a decision may depend on. Nothing is fetched while deciding. */
export interface JudgeRequest {
  readonly principal: Principal;
  readonly target: Target;
  readonly action: Action;
  /** Present when a parked command is decided again before forwarding. */
  readonly grant?: GrantFact;
  /** What was gathered of the history of objects, by access; null or absent counts as nothing known. */
  readonly gathered?: readonly (HistoryFacts | null)[];
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
  judge(request: JudgeRequest): Decision;
}

/** Compiles a bundle's rules once. Refuses with file, line and what was expected; never half-loads. */
export interface JudgeCompiler {
  compile(bundle: Bundle): Outcome<Judge>;
}
