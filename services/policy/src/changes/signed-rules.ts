import type { PolicyProblem, Rule } from '@interlock/adapter-cedar';
import type { Configuration } from '@interlock/contracts';

/**
 * Rules that ask for signatures where no elevated credential exists. Such a rule would promise what only the vault can hold: that nobody without
 * the signatures can do it. What a rule may be about is read in its head; a rule that names no place may be about every target.
 */
export function signedRuleProblems(rules: readonly Rule[], { targets }: Configuration, elevated: readonly string[]): PolicyProblem[] {
  const names = targets.map(({ name }) => name);
  return rules.filter(({ lift }) => lift?.signed !== undefined).flatMap(({ id, file, line, column, json }) => {
    const bare = targetsOf(json.resource, names).filter((name) => !elevated.includes(name));
    if (bare.length === 0) return [];
    return [{ file, line, column, detail: `rule ${id} asks for signatures, and ${bare.join(', ')} ${bare.length === 1 ? 'has' : 'have'} no elevated credential`, expected: `interlock secrets set ${bare[0]!} --kind elevated first, or a head that names other targets` }];
  });
}

/** Paths of resources begin with their target: `Target::"shop"`, `Table::"shop/public/orders"`. */
function targetsOf(head: unknown, all: readonly string[]): readonly string[] {
  const named = entityIn(head)?.split('/')[0];
  return named !== undefined && all.includes(named) ? [named] : all;
}

function entityIn(head: unknown): string | undefined {
  if (typeof head !== 'object' || head === null) return undefined;
  const { entity, in: within } = head as { readonly entity?: { readonly id?: unknown }; readonly in?: unknown };
  return typeof entity?.id === 'string' ? entity.id : entityIn(within);
}
