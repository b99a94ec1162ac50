import type { PolicyProblem } from '@interlock/adapter-cedar';
import { Duty, VERBS } from '@interlock/contracts';
import type { Path } from './located-yaml.js';

/** What this file reads of a schema: enough to say which keys a section may have. */
export interface SchemaNode {
  readonly def: { readonly type: string; readonly innerType?: SchemaNode; readonly element?: SchemaNode; readonly valueType?: SchemaNode };
  readonly shape?: Readonly<Record<string, SchemaNode>>;
}

/** The keys that the section at this path may have by a schema; none where it is not a section. */
export function keysAt(path: Path, schema: SchemaNode): string[] {
  let node: SchemaNode | undefined = schema;
  for (const step of path) {
    const section = unwrapped(node);
    node = section?.shape?.[String(step)] ?? section?.def.element ?? section?.def.valueType;
  }
  return Object.keys(unwrapped(node)?.shape ?? {});
}

function unwrapped(node: SchemaNode | undefined): SchemaNode | undefined {
  let inner = node;
  while (inner?.def.innerType) inner = inner.def.innerType;
  return inner;
}

/** The one of `known` that `written` was probably meant to be: at most two slips away. */
export function meant(written: string, known: readonly string[]): string | undefined {
  const nearest = known.map((name) => ({ name, slips: slipsBetween(written, name) })).toSorted((a, b) => a.slips - b.slips)[0];
  return nearest && nearest.slips <= 2 && nearest.slips < written.length ? nearest.name : undefined;
}

/** Cedar's own guess at an action is the one that it likes best, not the nearest: a rule that names none is told ours, or none. */
export function withActionMeant(problem: PolicyProblem): PolicyProblem {
  const written = /^unrecognized action `Action::"([^"]*)"`/.exec(problem.detail)?.[1];
  if (written === undefined) return problem;
  const guess = meant(written, [...Duty.options, ...Object.keys(VERBS)]);
  return { ...problem, detail: `there is no action ${JSON.stringify(written)}${guess ? ` (did you mean ${guess}?)` : ''}`, ...(!guess && { expected: `a verb of PostgreSQL's, or one of ${Duty.options.join(', ')}` }) };
}

/** Letters to add, drop or replace (Levenshtein distance). */
function slipsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length]!;
}
