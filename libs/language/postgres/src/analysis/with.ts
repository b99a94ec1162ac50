import { as, strings, type Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { innerScope, type CteBinding, type CteChain, type Scope } from './scope.js';
import { computedOf, CONSTANT, derived, mergeColumns, renamed, type Field } from './value.js';

type Cte = Content<'CommonTableExpr'>;

const NOTHING = { tables: [], columns: [] };

/** How often a recursive part is looked at until its columns' origins stop growing; each round can add at most a column's worth. */
const RECURSION_ROUNDS = 50;

/**
 * The WITH queries in sight, innermost first. Every one is looked at, referred to or not: one that writes runs either way.
 * With RECURSIVE they see one another in any order; without, each sees those before it.
 */
export function withQueries(a: Analyst, clause: Content<'WithClause'>, scope: Scope): CteChain | undefined {
  const ctes = (clause.ctes ?? []).map((node) => as(node, 'CommonTableExpr')).filter((cte) => cte !== undefined);
  for (const cte of ctes) a.notes.visit(cte);
  return clause.recursive === true ? recursiveQueries(a, ctes, scope) : plainQueries(a, ctes, scope);
}

function plainQueries(a: Analyst, ctes: readonly Cte[], scope: Scope): CteChain | undefined {
  let chain = scope.ctes;
  for (const cte of ctes) {
    const columns = cteColumns(a, cte, queryColumns(a, cte, { ...scope, ctes: chain }));
    chain = { binding: { name: cte.ctename ?? '', columns: () => columns }, next: chain };
  }
  return chain;
}

function recursiveQueries(a: Analyst, ctes: readonly Cte[], scope: Scope): CteChain | undefined {
  const inside = { ...scope };
  const bindings = ctes.map((cte) => new RecursiveBinding(a, cte, inside));
  for (const binding of bindings) inside.ctes = { binding, next: inside.ctes };
  for (const binding of bindings) binding.columns();
  return inside.ctes;
}

/** A WITH query that is looked at when first referred to; while it is, it offers what is known of it so far. */
class RecursiveBinding implements CteBinding {
  private known: readonly Field[] | undefined;
  private started = false;

  constructor(private readonly a: Analyst, private readonly cte: Cte, private readonly scope: Scope) {}

  get name(): string {
    return this.cte.ctename ?? '';
  }

  columns(): readonly Field[] | undefined {
    if (!this.started) {
      this.started = true;
      this.known = this.resolve();
    }
    return this.known;
  }

  private resolve(): readonly Field[] {
    const union = as(this.cte.ctequery, 'SelectStmt');
    if (union?.op !== 'SETOP_UNION' || union.larg === undefined || union.rarg === undefined) {
      return cteColumns(this.a, this.cte, queryColumns(this.a, this.cte, this.scope));
    }
    const scope = union.withClause === undefined ? this.scope : { ...this.scope, ctes: withQueries(this.a, union.withClause, this.scope) };
    return this.untilSettled(union.larg, scope);
  }

  /** The non-recursive arm first, then the whole again and again until the origins stop growing. */
  private untilSettled(start: Content<'SelectStmt'>, scope: Scope): readonly Field[] {
    const first = this.a.select(start, innerScope(scope, NOTHING)).columns;
    let columns = this.known = cteColumns(this.a, this.cte, first);
    for (let round = 0; round < RECURSION_ROUNDS; round += 1) {
      const again = cteColumns(this.a, this.cte, queryColumns(this.a, this.cte, this.scope));
      const grown = mergeColumns(this.a.notes, again, columns);
      if (weight(grown) === weight(columns)) return grown;
      columns = this.known = grown;
    }
    this.a.notes.loseLineage(`the recursion of ${this.name} does not settle`);
    return columns;
  }
}

/** Grows with every origin found and every step that turns out not to be direct. */
function weight(columns: readonly Field[]): number {
  return columns.reduce((sum, { value }) => sum + value.origins.length * 4 + computedOf(value).length * 4 + (value.direct ? 0 : 2) + (value.total ? 0 : 1) + (value.unread ? 1 : 0) + (value.withConstants ? 1 : 0), 0);
}

function queryColumns(a: Analyst, cte: Cte, scope: Scope): readonly Field[] {
  if (cte.ctequery === undefined) return [];
  const { columns } = a.query(cte.ctequery, innerScope(scope, NOTHING));
  for (const column of columns) a.notes.evaluate(column.value);
  return columns;
}

/** Renames, and adds the columns of SEARCH and CYCLE, which compare the columns they list. */
function cteColumns(a: Analyst, cte: Cte, columns: readonly Field[]): readonly Field[] {
  const named = renamed(columns, strings(cte.aliascolnames));
  const listed = [...strings(cte.search_clause?.search_col_list), ...strings(cte.cycle_clause?.cycle_col_list)];
  const values = named.filter((column) => listed.includes(column.name)).map((column) => column.value);
  if (values.length > 0) a.notes.shape(derived(values), 'SEARCH OR CYCLE');
  for (const literal of [cte.cycle_clause?.cycle_mark_value, cte.cycle_clause?.cycle_mark_default]) {
    if (literal !== undefined) a.expression(literal, { ...NOTHING, outer: undefined, ctes: undefined });
  }
  return [
    ...named,
    ...extra(cte.search_clause?.search_seq_column, derived(values)),
    ...extra(cte.cycle_clause?.cycle_mark_column, CONSTANT),
    ...extra(cte.cycle_clause?.cycle_path_column, derived(values)),
  ];
}

function extra(name: string | undefined, value: Field['value']): Field[] {
  return name === undefined || name === '' ? [] : [{ name, value }];
}
