import type { Configuration } from '@interlock/contracts';

/** One way in which a principal acts: itself, or in the hands of others, to whom its token was handed on. */
export interface Member {
  readonly name: string;
  /** Who acts with its token, the nearest first; nobody where it acts itself. */
  readonly actors: readonly string[];
}

/** Ways of acting for others that an analysis looks at; more count as undecided. */
export const CHAINS_MAX = 20_000;

/** Every chain of actors that a configuration allows for each principal; undefined where there are more than {@link CHAINS_MAX}. */
export function chainsOf({ delegation }: Pick<Configuration, 'delegation'>): ReadonlyMap<string, readonly (readonly string[])[]> | undefined {
  const chains = new Map<string, (readonly string[])[]>();
  if (!delegation) return chains;
  const actorsFor = new Map<string, Set<string>>();
  for (const { actor, for: others } of delegation.allowed) for (const other of others) actorsFor.set(other, (actorsFor.get(other) ?? new Set()).add(actor));
  let left = CHAINS_MAX;
  for (const principal of actorsFor.keys()) {
    const found: (readonly string[])[] = [];
    let longest: readonly (readonly string[])[] = [[]];
    for (let depth = 1; depth <= delegation.depth; depth += 1) {
      const longer: (readonly string[])[] = [];
      for (const chain of longest) {
        for (const actor of actorsFor.get(chain[0] ?? principal) ?? []) {
          if (actor === principal || chain.includes(actor)) continue;
          left -= 1;
          if (left < 0) return undefined;
          longer.push([actor, ...chain]);
        }
      }
      found.push(...longer);
      longest = longer;
    }
    chains.set(principal, found);
  }
  return chains;
}
