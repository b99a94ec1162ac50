import type { CatalogColumn, CatalogRelation, Tie } from './model.js';
import type { CatalogRow } from './rows.js';

/** A column by the oid of its relation and its number. */
interface Place {
  readonly oid: number;
  readonly attnum: number;
}

/** One tie, as the catalog has it: columns by place. */
export interface PlacedTie {
  readonly of: Place;
  readonly to: Place;
  readonly when: Tie['when'];
}

/**
 * The ties that one constraint makes, from a row of the probe `ties`: a foreign key tests what is written against the columns that it refers to, and a change
 * of those against the columns that refer to them; any other constraint over several columns tests each of them together with the others.
 */
export function tiesOf(row: CatalogRow): PlacedTie[] {
  const own = placesOf(row, 'relation', 'columns');
  if (row['kind'] !== 'f') return own.flatMap((of) => own.filter((to) => to !== of).map((to): PlacedTie => ({ of, to, when: 'written' })));
  const referred = placesOf(row, 'referred', 'referred_columns');
  return own.flatMap((from, index): PlacedTie[] => {
    const to = referred[index];
    return to === undefined ? [] : [{ of: from, to, when: 'written' }, { of: to, to: from, when: 'replaced' }];
  });
}

function placesOf(row: CatalogRow, relation: string, columns: string): Place[] {
  const numbers = JSON.parse(row[columns] ?? '[]') as number[];
  return numbers.map((attnum) => ({ oid: Number(row[relation]), attnum }));
}

/** Looks ties up by column. */
export function tieIndex(ties: readonly PlacedTie[], relationByOid: (oid: number) => CatalogRelation | undefined): (column: CatalogColumn) => readonly Tie[] {
  const byPlace = new Map<string, PlacedTie[]>();
  for (const tie of ties) {
    const place = `${tie.of.oid}.${tie.of.attnum}`;
    byPlace.set(place, [...byPlace.get(place) ?? [], tie]);
  }
  return ({ relation, attnum }) => (byPlace.get(`${relation.oid}.${attnum}`) ?? []).flatMap(({ to, when }) => {
    const column = relationByOid(to.oid)?.columns.find((one) => one.attnum === to.attnum);
    return column === undefined ? [] : [{ column, when }];
  });
}
