import type { Verdict } from '@interlock/gateway';
import type { Interpretation } from '@interlock/language-postgres';
import type { Bind } from '@interlock/protocol-postgres';

type Gathered = Verdict['gathered'];

/** What was gathered for the statements of one segment, before any of them is judged. What is not in here counts as not told. */
export class Histories {
  readonly #found = new Map<string, { readonly accesses: string; readonly gathered: Gathered }>();
  readonly #bound = new Map<Bind, { readonly accesses: string; readonly gathered: Gathered }>();

  /** Of the statement at this place of a text, if it still means what it meant when this was gathered. */
  of(text: string, index: number, meaning: Interpretation | undefined): Gathered {
    if (this.#found.size === 0 || !meaning) return undefined;
    const found = this.#found.get(keyOf(text, index));
    return found?.accesses === JSON.stringify(meaning.accesses) ? found.gathered : undefined;
  }

  /** Of a bound statement, which may be told otherwise with other values. */
  ofBound(bind: Bind, meaning: Interpretation | undefined): Gathered {
    const found = this.#bound.get(bind);
    return meaning && found?.accesses === JSON.stringify(meaning.accesses) ? found.gathered : undefined;
  }

  setBound(bind: Bind, meaning: Interpretation, gathered: Gathered): void {
    this.#bound.set(bind, { accesses: JSON.stringify(meaning.accesses), gathered });
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
