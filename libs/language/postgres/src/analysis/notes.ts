import type { Verb } from '@interlock/contracts';
import type { CatalogColumn, CatalogRelation } from '../catalog/model.js';
import { isLeftOut } from '../long-literals.js';
import { Budget } from './budget.js';
import type { Comparison } from './conditions.js';
import type { Value } from './value.js';

/** One verb's use of one relation, with the columns it touches. */
export interface RelationUse {
  readonly verb: Verb;
  readonly schema: string;
  readonly name: string;
  /** Absent when the catalog does not know the relation. */
  readonly relation: CatalogRelation | undefined;
  readonly columnsRead: Set<string>;
  readonly columnsWritten: Set<string>;
  /** How often a column was read: shows whether a condition looked at this relation. */
  reads: number;
}

/** A function that the statement calls, as far as the catalog can tell which. */
export interface FunctionUse {
  readonly schema: string;
  readonly name: string;
  readonly standing: FunctionStanding;
  /** Whether all that it reads and does was followed and noted. */
  readonly followed: boolean;
  readonly volatile: boolean;
}

/** Where in a statement, or in a view that it reads, a column decides about rows, their order, or a branch. */
export type Clause =
  | 'WHERE' | 'JOIN' | 'GROUP BY' | 'HAVING' | 'ORDER BY' | 'DISTINCT' | 'WINDOW' | 'FILTER' | 'LIMIT' | 'SET OPERATION' | 'CASE' | 'EXISTS' | 'IN'
  | 'SET-RETURNING FUNCTION' | 'TABLESAMPLE' | 'SEARCH OR CYCLE' | 'ON CONFLICT' | 'MERGE' | 'SUBSCRIPT' | 'ARGUMENT' | 'EXPLAIN' | 'DEFINITION';

/** Columns with the clauses that they shape. */
export type Shaping = ReadonlyMap<CatalogColumn, ReadonlySet<Clause>>;

/** How a called function is seen: `safe` needs no access of its own, everything else does. */
export type FunctionStanding = 'safe' | 'sleeps' | 'dangerous' | 'defined' | 'unknown';

/** A write of a value into a column; the column is absent when it is not known or only being made. */
export interface Carry {
  readonly into: CatalogColumn | undefined;
  /** The column that is only being made, where its name is known. */
  readonly making?: { readonly schema: string; readonly table: string; readonly column: string };
  readonly value: Value;
  /** Into a row that is there already. */
  readonly replaces?: true;
}

/** An access to something that is not a relation's rows. */
export interface OtherAccess {
  readonly verb: Verb;
  readonly kind: 'schema' | 'table' | 'view' | 'sequence' | 'function' | 'type' | 'role' | 'setting' | 'channel' | 'database' | 'target' | 'other';
  /** Below the target's own segment. */
  readonly path: readonly string[];
}

/** How many columns are kept, or merged, for the price of one node. */
const COLUMNS_PER_STEP = 4;
/** How many names one is compared with for the price of one column that is kept. */
const NAMES_PER_COLUMN = 16;

/** Everything that one analysis finds out on its way through a statement's tree. Filled once, then read. */
export class Notes {
  readonly uses = new Map<string, RelationUse>();
  readonly functions = new Map<string, FunctionUse>();
  readonly others = new Map<string, OtherAccess>();
  /** Columns on which the number or order of rows, or a branch, depends. */
  readonly shaping = new Map<CatalogColumn, Set<Clause>>();
  /** Conditions that compare a column with parameters: they shape, too. */
  readonly compared: Comparison[] = [];
  /** Columns that shape in another way, whether or not they are compared as well. */
  readonly shapingOtherwise = new Set<CatalogColumn>();
  /** Columns that go through functions which can fail or wait, in columns that the outer query may drop. */
  readonly evaluated = new Set<CatalogColumn>();
  readonly carries: Carry[] = [];
  /** Existing columns whose name, type or definition the statement changes. */
  readonly altered = new Set<CatalogColumn>();
  /** How often the rows of each relation that is no view are read, by `schema.name`; more than once, too, where one reading may be run anew for each column of an answer. */
  readonly reads = new Map<string, number>();
  readonly unknownRelations = new Set<string>();
  readonly unknownColumns = new Set<string>();
  readonly visited = new Set<object>();
  /** For every UPDATE and DELETE, and for the outermost SELECT: what its WHERE is worth. */
  readonly conditions: { readonly write: boolean; readonly present: boolean; readonly tautology: boolean }[] = [];
  readonly verbs = new Set<string>();
  readonly sensitiveCatalog = new Set<string>();
  /** Settings that set_config changes; an absent value is one that the text does not show. */
  readonly settings: { readonly name: string; readonly value: string | undefined; readonly local: boolean }[] = [];
  /** Parts that insert, update, delete or merge rows: the statement itself, in a WITH, in the body of a function. */
  rowChanges = 0;
  /** Whether rows are put together, or one is made of others: aggregates, windows, grouping sets, a WITH query that is named twice. */
  mixesRows = false;
  private readonly referred = new Set<object>();
  /** Set when something runs whose doings cannot be told from the statement. */
  opaque = false;
  /** Something is created whose name does not say in which schema. */
  createsUnqualified = false;
  locksRows = false;
  hasLimit = false;
  /** Whether a literal's own value decided anything: the result then holds for this text only. */
  readsLiterals = false;
  /** Whether that literal was one whose value the text leaves out: then nothing is known of what it decided. */
  readsLeftOut = false;
  /** Whether what the session prepared or declared before decided anything. */
  readsSession = false;
  /** Set by the first thing that is not on the list of what is understood. */
  notUnderstood: string | undefined;
  /** Set by the first thing whose origin cannot be told, whatever its code may read. */
  lineageLost: string | undefined;
  /** Set by the first thing that may read more than it names: code that cannot be looked into. */
  lineageUnread: string | undefined;

  /** Why no lineage may be told to who decides by it. */
  get lineageUnknown(): string | undefined {
    return this.lineageLost ?? this.lineageUnread;
  }

  private exceeded: string | undefined;
  private readonly around: Clause[] = [];

  constructor(readonly budget: Budget = new Budget()) {}

  use(verb: Verb, place: { schema: string; name: string; relation: CatalogRelation | undefined }): RelationUse {
    const key = `${verb}\0${place.schema}\0${place.name}`;
    let use = this.uses.get(key);
    if (use === undefined) {
      const { schema, name, relation } = place;
      use = { verb, schema, name, relation, columnsRead: new Set(), columnsWritten: new Set(), reads: 0 };
      this.uses.set(key, use);
    }
    return use;
  }

  countRead(relation: string, times = 1): void {
    this.reads.set(relation, (this.reads.get(relation) ?? 0) + times);
  }

  /** What is read in here may be read anew for each column that it gives, and its rows in another order: it counts as read more than once. */
  readsAnew<T>(reading: () => T): T {
    const before = new Map(this.reads);
    const result = reading();
    for (const [relation, times] of this.reads) if (times !== before.get(relation)) this.countRead(relation);
    return result;
  }

  /** A WITH query is named in a FROM. */
  refer(binding: object): void {
    this.mixesRows ||= this.referred.has(binding);
    this.referred.add(binding);
  }

  other(access: OtherAccess): void {
    this.others.set(`${access.verb}\0${access.kind}\0${access.path.join('\0')}`, access);
  }

  shape(value: Value, clause: Clause): void {
    this.weigh(value);
    for (const column of value.origins) this.shapeColumn(column, clause);
  }

  shapeColumn(column: CatalogColumn, clause: Clause): void {
    this.shapingOtherwise.add(column);
    this.addClause(column, clause);
  }

  compare(comparison: Comparison, clause: Clause): void {
    this.compared.push(comparison);
    this.addClause(comparison.column, clause);
  }

  private addClause(column: CatalogColumn, clause: Clause): void {
    const clauses = this.shaping.get(column);
    if (clauses === undefined) this.shaping.set(column, new Set([clause, ...this.around]));
    else for (const one of [clause, ...this.around]) clauses.add(one);
  }

  /** Whatever shapes inside a subquery of that form shapes by it, too. */
  inside<T>(clause: Clause | undefined, look: () => T): T {
    if (clause === undefined) return look();
    this.around.push(clause);
    try {
      return look();
    } finally {
      this.around.pop();
    }
  }

  /** Notes what a subquery computes, whether or not anyone reads it: failing and waiting tell something too. */
  evaluate(value: Value): void {
    if (!value.direct && !value.total) for (const column of value.origins) this.evaluated.add(column);
  }

  /** A string literal's own value decides something. */
  readLiteral(value: string): void {
    this.readsLiterals = true;
    this.readsLeftOut ||= isLeftOut(value);
  }

  /** Marks a node as understood and counts it against the ceiling of one text. */
  visit(node: object): void {
    this.visited.add(node);
    this.spend(1);
  }

  /** Counts columns that are put side by side: a short text can have many. */
  look(columns: number): void {
    this.spend(columns / COLUMNS_PER_STEP);
  }

  /** Counts columns, tables or other things among which a name is looked for. */
  search(names: number): void {
    this.look(names / NAMES_PER_COLUMN);
  }

  /** Counts what a value is made of: whatever is made from it goes through that again. */
  weigh(value: Value): void {
    this.look(value.origins.length);
  }

  /** The first thing that is more than the gateway follows. */
  get tooMuch(): string | undefined {
    return this.exceeded ?? (this.budget.isSpent ? 'the statement takes more work to understand than one may' : undefined);
  }

  /** Nothing is looked at any further. */
  get exhausted(): boolean {
    return this.exceeded !== undefined || this.budget.isSpent;
  }

  private spend(steps: number): void {
    this.budget.take(steps);
  }

  exceed(what: string): void {
    this.exceeded ??= what;
  }

  refuse(what: string): void {
    this.notUnderstood ??= what;
  }

  loseLineage(what: string): void {
    this.lineageLost ??= what;
  }

  /** Something is read that nobody can name. */
  leaveUnread(what: string): void {
    this.lineageUnread ??= what;
  }
}
