import type { Ask, RiskModel, Target, Verb } from '@interlock/contracts';
import type { Proposition } from './proposition.js';

/** A principal as rules see it. */
export interface Actor {
  readonly kind: 'agent' | 'human';
  readonly name: string;
  readonly roles: readonly string[];
  /** Empty where not everyone behind it is known, as rules read it. */
  readonly party?: readonly string[];
  /** Who acts with its token, the nearest first; absent where it acts itself. */
  readonly actors?: readonly string[];
}

/** An entity that a rule names. */
export interface Named {
  readonly type: string;
  readonly id: string;
}

/** One object as rules see it, or any object of its type and surroundings that no rule names. */
export interface Place {
  readonly type: string;
  readonly target: Target;
  /** Absent: any that is not named. */
  readonly id?: string;
  readonly parents: readonly Named[];
  /** What `resource.name` and `resource.schema` read; absent where it could be anything. */
  readonly name?: string;
  readonly schema?: string;
}

export interface ForeseenRule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** Who may lift it, where people may. */
  readonly quorum?: Ask['quorum'];
  /** Who may lift it alone, and who reviews that, where people may. */
  readonly glass?: { readonly breakers: readonly string[]; readonly reviewers: readonly string[]; readonly reviewSeconds: number };
  /** What it reads of the command, by name. */
  readonly reads: ReadonlySet<string>;
}

/** A rule that may apply, and when. */
export interface Applicable {
  readonly rule: ForeseenRule;
  readonly when: Proposition;
}

/** What an analysis must know of the rules; the language they are written in stays behind this port. */
export interface Foresight {
  readonly rules: readonly ForeseenRule[];
  /** Every entity that some rule names, actions and roles included, and every type that a rule asks for. */
  readonly named: readonly Named[];
  readonly types: ReadonlySet<string>;
  /** Attributes that rules read of principals and of places: what they read, they can tell apart. */
  readonly reads: { readonly principal: ReadonlySet<string>; readonly place: ReadonlySet<string> };
  /**
   * The rules that could apply to one access, each with what must hold of the command beside it. A rule that is left out never
   * applies there. An evaluation error counts as something that may or may not happen.
   */
  on(actor: Actor, verb: Verb, place: Place): readonly Applicable[];
  /** When a command states a fact so, told as rules tell it: where a rule reads the same, it is the same question. */
  states(fact: Pick<RiskModel['facts'][number], 'fact' | 'is' | 'has' | 'above'>, actor: Actor, verb: Verb, place: Place): Proposition;
  /** Steps of evaluation that all answers took so far. */
  readonly steps: number;
}
