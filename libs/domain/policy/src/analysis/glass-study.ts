import type { Configuration } from '@interlock/contracts';
import { spanInWords } from '../dynamic/why-not.js';
import { grantsRolesByToken } from '../people.js';
import type { Study } from './analyse.js';
import { actInWords, asked, type Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { ForeseenRule } from './foresight.js';
import type { Member } from './member.js';
import type { Parties } from './parties.js';
import type { Possibilities } from './proposition.js';
import { approversFor } from './quorum.js';

type Glass = NonNullable<ForeseenRule['glass']>;

/** Reviews that each broken glass takes afterwards. */
const REVIEWS = 2;

/** People who may break the glass of a rule, if they may ask by it: in their own name, and in a role of it. */
export function breakersAmong(members: readonly Member[], { breakers }: Glass, parties: Parties): readonly Member[] {
  return members.filter(({ name, actors }) => {
    const entry = parties.entry(name);
    return actors.length === 0 && entry?.kind === 'human' && entry.roles.some((role) => breakers.includes(role));
  });
}

/**
 * Glasses that one person may break: each is an exception from what an analysis proves, and told as one. It does not load where nobody could review it
 * afterwards: that it is recorded and reviewed is all that allows it.
 */
export class GlassStudy implements Study {
  readonly #glasses = new Map<string, { readonly glass: Glass; readonly breakers: Map<string, string> }>();

  constructor(private readonly configuration: Configuration, private readonly parties: Parties, private readonly possibilities: Possibilities) {}

  see(cells: readonly Cell[]): void {
    for (const cell of cells) {
      for (const lift of cell.lifts) {
        const { id, glass } = lift.rule;
        if (!glass) continue;
        const breakers = breakersAmong(cell.cast.principals, glass, this.parties);
        if (breakers.length > 0 && this.possibilities.possible(asked(cell, lift))) this.#note(id, glass, breakers, actInWords(cell));
      }
    }
  }

  findings(): readonly Finding[] {
    return [...this.#glasses].flatMap(([rule, { glass, breakers }]) => [this.#exception(rule, glass, breakers), ...this.#unreviewed(rule, glass, [...breakers.keys()])]);
  }

  #note(rule: string, glass: Glass, breakers: readonly Member[], act: string): void {
    const known = this.#glasses.get(rule) ?? { glass, breakers: new Map<string, string>() };
    this.#glasses.set(rule, known);
    for (const { name } of breakers) if (!known.breakers.has(name)) known.breakers.set(name, act);
  }

  #exception(rule: string, { reviewers, reviewSeconds }: Glass, breakers: ReadonlyMap<string, string>): Finding {
    const told = [...breakers].map(([name, act]) => `${name} may ${act} with nobody asked`).join(', ');
    return {
      level: 'exception', kind: 'break-glass', at: { rule, mention: '@break_glass' },
      detail: `one person alone, by breaking the glass of rule ${rule}: ${told}; it is recorded, and two people of ${reviewers.join(' or ')} review it within ${spanInWords(reviewSeconds)}, or who broke it is locked`,
      remedy: 'Nothing else stops it: keep the role small, or take @break_glass away.',
    };
  }

  #unreviewed(rule: string, { reviewers }: Glass, breakers: readonly string[]): Finding[] {
    if (grantsRolesByToken(this.configuration)) return [];
    const people = [...new Set(reviewers.flatMap((role) => this.parties.peopleWith(role)))];
    const without = breakers.filter((name) => !approversFor({ name, actors: [] }, [{ role: 'review', count: REVIEWS }], this.parties, () => people));
    if (without.length === 0) return [];
    return [{
      level: 'conflict', kind: 'review-impossible', at: { rule, mention: '@reviewers' },
      detail: `nobody could review what ${without.join(', ')} ${without.length === 1 ? 'does' : 'do'} by breaking the glass of rule ${rule}: it takes two people of ${reviewers.join(' or ')} who share no human with whoever broke it or with each other`,
      remedy: 'Name roles with more people as @reviewers, or take @break_glass away.',
    }];
  }
}
