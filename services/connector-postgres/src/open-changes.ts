import { overlayCatalog, type Catalog, type CatalogChange, type Effects } from '@interlock/language-postgres';

/**
 * What the open transaction of a session has changed in the catalog, as far as it decides what a name finds: its probe sees none of it. What such
 * objects hold is not followed; where that matters, the answer's description is held against the catalog. After an operator, a cast or code that ran nothing is
 * known of where values come from, until the transaction ends.
 */
export class OpenChanges {
  #changes: readonly CatalogChange[] = [];
  readonly #savepoints: { readonly name: string; readonly changes: readonly CatalogChange[] }[] = [];
  #laid: { readonly base: Catalog; readonly changes: readonly CatalogChange[]; readonly over: Catalog } | undefined;

  /** A statement has succeeded. */
  apply({ transaction, savepoint, changes }: Effects): void {
    if (transaction === 'savepoint') this.#savepoints.push({ name: savepoint ?? '', changes: this.#changes });
    else if (transaction === 'release') this.#savepoints.splice(this.#placeOf(savepoint));
    else if (transaction === 'rollback_to') this.#goBackTo(this.#placeOf(savepoint));
    else if (transaction !== undefined && transaction !== 'begin') this.forget();
    const followed = (changes ?? []).filter(({ kind }) => kind !== 'lost').map((change) => (change.kind === 'untold' ? UNFOLLOWED : change));
    if (followed.length > 0) this.#changes = [...this.#changes, ...followed];
  }

  /** The transaction has ended. */
  forget(): void {
    this.#changes = [];
    this.#savepoints.length = 0;
  }

  /** A catalog as the transaction sees it; the same object while neither has changed. */
  over(base: Catalog): Catalog {
    if (this.#changes.length === 0) return base;
    if (this.#laid?.base !== base || this.#laid.changes !== this.#changes) this.#laid = { base, changes: this.#changes, over: overlayCatalog(base, this.#changes) };
    return this.#laid.over;
  }

  /** The last of the name; behind all when there is none. */
  #placeOf(savepoint: string | undefined): number {
    const place = this.#savepoints.findLastIndex(({ name }) => name === savepoint);
    return place < 0 ? this.#savepoints.length : place;
  }

  #goBackTo(place: number): void {
    this.#changes = this.#savepoints[place]?.changes ?? this.#changes;
    this.#savepoints.splice(place + 1);
  }
}

const UNFOLLOWED: CatalogChange = { kind: 'unfollowed' };
