import type { Verdict } from '@interlock/gateway';
import type { Interpretation } from '@interlock/language-postgres';

type Gathered = Verdict['gathered'];

/** What was gathered for the statements of one segment, before any of them is judged. What is not in here counts as not told. */
export class Histories {
  readonly #found = new Map<string, { readonly accesses: string; readonly gathered: Gathered }>();

  /** Of the statement at this place of a text, if it still means what it meant when this was gathered. */
  of(text: string, index: number, meaning: Interpretation | undefined): Gathered {
    if (this.#found.size === 0 || !meaning) return undefined;
    const found = this.#found.get(keyOf(text, index));
    return found?.accesses === JSON.stringify(meaning.accesses) ? found.gathered : undefined;
  }

  set(text: string, index: number, meaning: Interpretation, gathered: Gathered): void {
    this.#found.set(keyOf(text, index), { accesses: JSON.stringify(meaning.accesses), gathered });
  }
}

function keyOf(text: string, index: number): string {
  return `${index}\n${text}`;
}

/** Whether a name may mean something else once this has run: by a change of the catalog, of the search path, or by code. */
export function mayMoveNames({ effects, facts }: Interpretation): boolean {
  const ends = effects.transaction !== undefined && !['begin', 'savepoint', 'release'].includes(effects.transaction);
  const called = facts['volatileFunctions'];
  return effects.createsOrAltersCatalog || effects.searchPath !== undefined || ends || facts['opaque'] !== false || (Array.isArray(called) && called.length > 0);
}
