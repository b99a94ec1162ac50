import { createAnalyst } from '../analysis/analyse.js';
import type { Analyst } from '../analysis/analyst.js';
import type { Comparison } from '../analysis/conditions.js';
import { generatedFrom } from '../analysis/generated.js';
import type { Carry, Clause, Notes, Shaping } from '../analysis/notes.js';
import type { Field, Value } from '../analysis/value.js';
import { shapingOf, traceColumn, traceValue } from '../analysis/views.js';
import type { CatalogColumn } from '../catalog/model.js';
import { testedBy } from './tested.js';

/** One column of one relation, by name and by identity: a rename changes the name, never the oid and attnum. */
export interface ColumnRef {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** pg_class.oid of the relation. */
  readonly oid: number;
  /** pg_attribute.attnum within it. */
  readonly attnum: number;
  /** Columns whose values this one shares: of the views it was read through, of inheritance parents and children, and itself by names that it had before. */
  readonly alike: readonly ColumnRef[];
  /** Of a generated column: the columns of its row that it is computed from. */
  readonly madeOf?: readonly ColumnRef[];
}

/** Where one output column comes from. No origins: it is computed from nothing that is stored. */
export interface LineageColumn {
  readonly name: string;
  readonly origins: readonly ColumnRef[];
  /** The columns as the statement names them, before views are followed: what RowDescription may report. */
  readonly named: readonly ColumnRef[];
  /** `direct`: what the origin holds, unchanged. */
  readonly derivation: 'direct' | 'derived';
  /** Those of the origins that do not arrive unchanged. */
  readonly computed: readonly ColumnRef[];
  /** Every step between is a function that never raises, waits or changes the row count. */
  readonly total: boolean;
  /** Code that cannot be looked into had a part in it: it may come from more. Whoever decides by lineage is refused such a one. */
  readonly unread: boolean;
  /** Some of its values come from no stored column, beside those of its origins: an arm of UNION, a row of VALUES. */
  readonly withConstants?: true;
}

/** A column that shapes, and the clauses it does so in. */
export interface ShapingColumn extends ColumnRef {
  readonly where: readonly Clause[];
}

/** A value on its way into a stored column; `into` is absent when the column is being made. */
export interface LineageWrite {
  readonly into: ColumnRef | undefined;
  /** The column that is only being made. */
  readonly making: Carry['making'];
  readonly intoUnique: boolean;
  /** Into a row that is there already. */
  readonly replaces: boolean;
  readonly origins: readonly ColumnRef[];
  readonly derivation: 'direct' | 'derived';
  readonly computed: readonly ColumnRef[];
  readonly total: boolean;
  readonly unread: boolean;
}

/** A column of a table, and the parameters of the statement that it is compared with. */
export interface ComparedColumn {
  readonly column: ColumnRef;
  readonly parameters: readonly number[];
}

/** What a statement's answer, and what it leaves behind, is made of. */
export interface Lineage {
  readonly columns: readonly LineageColumn[];
  /** Every column on which the number, order or choice of rows, or a branch, depends; views' own conditions included. */
  readonly shaping: readonly ShapingColumn[];
  /** Of `shaping`: columns that do so only by being compared, by `=` or IN, with parameters that the statement uses for nothing else. */
  readonly compared?: readonly ComparedColumn[];
  /** Columns that are computed with where failing or waiting would tell something, though no output column shows them. */
  readonly evaluated: readonly ColumnRef[];
  readonly writes: readonly LineageWrite[];
  /** Columns whose name, type, place or definition the statement changes. */
  readonly altered: readonly ColumnRef[];
  /** How often it reads the rows of each table, views followed, by `schema.name`, and of its relatives by inheritance. */
  readonly reads: ReadonlyMap<string, number>;
  /** Whether rows are put together, or one is made of others, so that a row of the answer may be of more than one row of a table. */
  readonly mixesRows: boolean;
}

/** Puts an analysis's findings into words of base relations. */
export function buildLineage(a: Analyst, notes: Notes, columns: readonly Field[], comparisons: readonly Comparison[] = []): Lineage {
  const refs = new References(a);
  return {
    columns: columns.map(({ name, value }) => ({ name, named: refs.all(value.origins), ...describe(a, refs, value) })),
    shaping: shapingRefs(refs, shapingOf(a, notes.shaping, notes.uses.values())),
    ...(comparisons.length > 0 && { compared: comparisons.map(({ column, parameters }) => ({ column: refs.of(column), parameters })) }),
    evaluated: [...notes.evaluated, ...testedBy(a, notes)].flatMap((column) => refs.traced(column)),
    writes: notes.carries.map((carry) => writeOf(a, refs, carry)),
    altered: refs.all([...notes.altered]),
    reads: new Map(notes.reads),
    mixesRows: notes.mixesRows,
  };
}

function shapingRefs(refs: References, shaping: Shaping): ShapingColumn[] {
  const columns = [...shaping];
  return refs.all(columns.map(([column]) => column)).map((ref, index) => ({ ...ref, where: [...columns[index]?.[1] ?? []] }));
}

type Description = Pick<LineageColumn, 'origins' | 'derivation' | 'computed' | 'total' | 'unread' | 'withConstants'>;

function describe(a: Analyst, refs: References, value: Value): Description {
  const { computed, total, unread, withConstants } = traceValue(a, value);
  const origins = new Map<string, ColumnRef>();
  for (const column of value.origins) {
    for (const ref of refs.traced(column)) {
      const key = `${ref.oid}.${ref.attnum}`;
      if (!origins.has(key)) origins.set(key, ref);
    }
  }
  const changed = new Set(computed.map(({ relation, attnum }) => `${relation.oid}.${attnum}`));
  return {
    origins: [...origins.values()], derivation: computed.length === 0 && !unread ? 'direct' : 'derived', total, unread,
    computed: [...origins].filter(([key]) => changed.has(key)).map(([, ref]) => ref), ...(withConstants && { withConstants }),
  };
}

/** A write through a view reaches the view's own base column, where it has one. */
function writeOf(a: Analyst, refs: References, { into, making, value, replaces }: Carry): LineageWrite {
  const base = into === undefined ? undefined : traceColumn(a, into).bases[0] ?? into;
  const [ref] = into === undefined ? [] : refs.traced(into);
  return { into: ref, making, intoUnique: base?.unique ?? false, replaces: replaces === true, ...describe(a, refs, value) };
}

/** Makes each reference once, with its relatives by inheritance. */
class References {
  private readonly made = new Map<CatalogColumn, ColumnRef>();
  private readonly bases = new Map<CatalogColumn, readonly ColumnRef[]>();

  constructor(private readonly a: Analyst) {}

  of(column: CatalogColumn): ColumnRef {
    let ref = this.made.get(column);
    if (ref === undefined) {
      const madeOf = generatedFrom(this.a, column, createAnalyst).map((one) => this.of(one));
      ref = { ...bare(column), alike: [...underFormerNames(column), ...relatives(this.a, column)], ...(madeOf.length === 0 ? {} : { madeOf }) };
      this.made.set(column, ref);
    }
    return ref;
  }

  all(columns: readonly CatalogColumn[]): ColumnRef[] {
    this.a.notes.look(columns.length);
    return this.a.notes.exhausted ? [] : columns.map((column) => this.of(column));
  }

  /** The base columns, each alike to the views' columns it was read through. */
  traced(column: CatalogColumn): readonly ColumnRef[] {
    let refs = this.bases.get(column);
    if (refs === undefined) {
      const { bases, through } = traceColumn(this.a, column);
      const names = this.all(through);
      refs = this.all(bases).map((ref) => (names.length === 0 ? ref : { ...ref, alike: [...ref.alike, ...names] }));
      this.a.notes.look(names.length * refs.length);
      this.bases.set(column, refs);
    }
    this.a.notes.look(refs.length);
    return this.a.notes.exhausted ? [] : refs;
  }
}

function bare(column: CatalogColumn): ColumnRef {
  const { relation, name, attnum } = column;
  return { schema: relation.schema, table: relation.name, column: name, oid: relation.oid, attnum, alike: [] };
}

/** The column itself, by the names that it had. */
function underFormerNames(column: CatalogColumn): ColumnRef[] {
  return (column.formerly ?? []).map((name) => ({ ...bare(column), ...name }));
}

/** A read of a parent returns its children's rows, and a child's column is its parent's: either may carry the label. */
function relatives({ catalog, notes }: Analyst, column: CatalogColumn): ColumnRef[] {
  const family = [...catalog.ancestors(column.relation), ...catalog.descendants(column.relation)];
  notes.look(family.length);
  for (const relation of family) notes.search(relation.columns.length);
  if (notes.exhausted) return [];
  return family.flatMap((relation) => relation.columns.filter(({ name }) => name === column.name).flatMap((one) => [bare(one), ...underFormerNames(one)]));
}
