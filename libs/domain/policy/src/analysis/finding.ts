/** Something that an analysis found. A bundle with a conflict does not load; a warning is for its author to read; an exception is what it proves of nobody who may break a glass. */
export interface Finding {
  readonly level: 'conflict' | 'exception' | 'warning';
  readonly kind:
    | 'exclusive-roles' | 'task-alone' | 'approval-evaded' | 'both-sides' | 'approval-impossible' | 'administration-impossible' | 'unlock-impossible'
    | 'fact-never-said' | 'undecided' | 'roles-by-token' | 'owners-unknown' | 'agent-approves' | 'rule-never-applies' | 'rule-shadowed' | 'rule-always-allows' | 'separation-idle' | 'break-glass' | 'review-impossible';
  /** In plain words; of a conflict, the counterexample. */
  readonly detail: string;
  /** What its author can do. */
  readonly remedy: string;
  /** Where it comes from: a path of interlock.yaml, or a rule and what it mentions there. */
  readonly at: { readonly path: readonly (string | number)[] } | { readonly rule: string; readonly mention?: string };
}
