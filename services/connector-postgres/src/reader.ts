import type { Outcome } from '@interlock/kernel';
import { accepted } from '@interlock/kernel';
import { accountsAt, type Account } from '@interlock/domain-budget';
import { compileMasking, NO_CIPHERS, purposeFor, type MaskingPlan, type ReaderOfMasked, type SensitiveColumn } from '@interlock/domain-masking';
import type { InForce } from '@interlock/gateway';
import {
  maskable, subjectsShown, type Catalog, type CatalogColumn, type CatalogRelation, type ColumnRef, type Interpretation, type SensitiveFindings, type SubjectColumn, type SubjectsShown,
} from '@interlock/language-postgres';
import type { Bind } from '@interlock/protocol-postgres';
import type { Admission } from './authenticate.js';
import { maskOf, type CellMask } from './mask-cell.js';
import { shapeOf } from './mask-rows.js';
import type { PostgresRefusal } from './refuse.js';
import { subjectType, typeIn } from './subject-types.js';
import type { AskedCiphers } from './token-key-book.js';
import { tokensBack, type Redeemed } from './tokens-back.js';

/** Whose rows an answer shows, for one budget. */
export interface BudgetSubjects extends SubjectsShown {
  readonly budget: string;
}

/** What one statement's answer needs before the client may see it. */
export interface Sensitivity {
  readonly findings: SensitiveFindings | undefined;
  /** Whether it touches a sensitive column in any way: its errors and notices are then told in common words. */
  readonly touches: boolean;
  /** Whether it writes rows of which masked columns are a part: details of its errors may show them whole. */
  readonly isBeside: boolean;
  /** By each budget that counts subjects; absent where none does. */
  readonly subjects?: readonly BudgetSubjects[];
}

/** A budget that counts subjects, and by which columns. */
interface Counting {
  readonly budget: string;
  readonly subjects: readonly SubjectColumn[];
}

const NOTHING_ASKED: AskedCiphers = { ...NO_CIPHERS, ready: () => undefined };
const UNTOUCHED: Sensitivity = { findings: undefined, touches: false, isBeside: false };

/** What the principal of a session may not see at its target, by one bundle. */
export class Reader {
  readonly plan: MaskingPlan;
  /** Budgets that count of whom it shows rows, and the columns that say whose they are. */
  readonly #counting: readonly Counting[];
  readonly #known = new WeakMap<object, Outcome<Sensitivity, PostgresRefusal>>();
  /** By catalog: the rule whose column it does not have, `none` when every rule has one. */
  readonly #unmet = new WeakMap<Catalog, SensitiveColumn | 'none'>();

  readonly #unspared: () => Reader;
  #kept: Reader | undefined;

  /** A purpose that its principal may not state any more is none. `accounts` are those on which the principal draws at the target. */
  constructor(inForce: InForce, target: string, { roles, purpose }: ReaderOfMasked, private readonly ciphers: AskedCiphers = NOTHING_ASKED, accounts: readonly Account[] = []) {
    const { configuration } = inForce.bundle;
    this.#unspared = () => new Reader(inForce, target, { roles: [] }, ciphers);
    const holds = purpose !== undefined && purposeFor(configuration, purpose, roles).ok;
    this.plan = compileMasking(configuration, target, { roles, ...(holds && { purpose }) });
    this.#counting = accounts.flatMap(({ budget: { name, subjects } }) => (subjects ? [{ budget: name, subjects: subjects.map(columnOf) }] : []));
  }

  /** What an admitted client may not see, and which budgets count whom it sees. */
  static of({ target: { name }, principal, purpose }: Pick<Admission, 'target' | 'principal' | 'purpose'>, inForce: InForce, ciphers: AskedCiphers): Reader {
    return new Reader(inForce, name, { roles: principal.roles, purpose }, ciphers, accountsAt(inForce.bundle.configuration, name, principal));
  }

  /** A reader whom no rule spares: what people are shown before they agree is kept once for all of them, whatever each may see. */
  get unspared(): Reader {
    return (this.#kept ??= this.#unspared());
  }

  /** Whether answers pass without a look at what their columns are. */
  get isBlind(): boolean {
    return this.plan.isEmpty && this.#counting.length === 0;
  }

  /** Settles when the keys that its rules need have been asked for; undefined when they are there, or none is needed. */
  keysReady(): Promise<void> | undefined {
    const kinds = this.plan.sensitive.flatMap(({ kind }) => kind ?? []);
    return kinds.length === 0 ? undefined : this.ciphers.ready(kinds);
  }

  /** Whether some column has to be masked. Content alone is found in the answer itself. */
  get hasColumns(): boolean {
    return this.plan.sensitive.length > 0;
  }

  /** Whether another reader sees exactly the same. */
  isLike(other: Reader): boolean {
    const seen = (one: Reader): string => JSON.stringify([one.plan.sensitive, one.plan.contentKinds, [...one.plan.spared], one.#counting]);
    return seen(this) === seen(other);
  }

  /** What a statement does with sensitive columns, and whose rows it shows; refuses what cannot be masked safely, and whose subjects cannot be counted. */
  look(meaning: Interpretation, catalog: Catalog): Outcome<Sensitivity, PostgresRefusal> {
    const masked = this.#masked(meaning, catalog);
    return masked.ok && this.#counting.length > 0 ? this.#counted(meaning, catalog, masked.value) : masked;
  }

  #counted(meaning: Interpretation, catalog: Catalog, { findings, touches, isBeside }: Sensitivity): Outcome<Sensitivity, PostgresRefusal> {
    const shown: BudgetSubjects[] = [];
    for (const { budget, subjects } of this.#counting) {
      const untold = meaning.accesses.some(touchesData) && subjects.find((one) => !isTold(catalog, one));
      if (untold) return untoldSubject(budget, untold);
      const counted = subjectsShown(meaning, subjects, catalog);
      if (!counted.ok) return counted;
      shown.push({ budget, ...counted.value });
    }
    return accepted({ findings, touches: touches || shown.some((one) => one.touches), isBeside, subjects: shown });
  }

  #masked(meaning: Interpretation, catalog: Catalog): Outcome<Sensitivity, PostgresRefusal> {
    if (!this.hasColumns) return accepted(UNTOUCHED);
    const unmet = this.#unmetIn(catalog);
    if (unmet !== 'none' && meaning.accesses.some(touchesData)) return bound(unmet);
    const { lineage } = meaning;
    let known = this.#known.get(lineage);
    if (!known) {
      const found = maskable(meaning, this.plan, (column) => this.ruleOf(column)?.transform === 'token');
      known = found.ok ? accepted({ findings: found.value, touches: !found.value.clear, isBeside: this.#writesBeside(meaning, catalog) }) : found;
      this.#known.set(lineage, known);
    }
    return known;
  }

  /** Rows of a view may be those of any table, and rows of a table have columns of its relatives. */
  #writesBeside({ accesses }: Interpretation, catalog: Catalog): boolean {
    return accesses.filter(({ duty, object }) => duty !== 'read' && DATA_KINDS.has(object.kind)).some(({ object: { kind, path: [, schema = '', name = ''] } }) => {
      const relation = catalog.relation(schema, name);
      if (kind === 'view' || relation === undefined) return true;
      return [relation, ...catalog.ancestors(relation), ...catalog.descendants(relation)].some((one) => one.columns.some((column) => this.#ruleOn(one, column) !== undefined));
    });
  }

  /** The masking rule on a column as a result reports it, by its table and attribute number; a rule by a name that it had still holds. */
  ruleAt(catalog: Catalog, tableOid: number, attnum: number) {
    const relation = catalog.relationByOid(tableOid);
    const column = relation?.columns.find((one) => one.attnum === attnum);
    return relation && column ? this.#ruleOn(relation, column) : undefined;
  }

  /** Whether a column as a result reports it is one that rules spare this reader: under its name of now, for a name that it had speaks against it only. */
  isSparedAt(catalog: Catalog, tableOid: number, attnum: number): boolean {
    if (this.plan.spared.size === 0) return false;
    const relation = catalog.relationByOid(tableOid);
    const column = relation?.columns.find((one) => one.attnum === attnum);
    return relation !== undefined && column !== undefined && this.plan.spared.has(`${relation.schema}.${relation.name}.${column.name}`);
  }

  #ruleOn({ schema, name }: CatalogRelation, column: CatalogColumn): SensitiveColumn | undefined {
    const names = [{ schema, table: name, column: column.name }, ...column.formerly ?? []];
    return names.map((one) => this.plan.columnRule(one.schema, one.table, one.column)).find((rule) => rule !== undefined);
  }

  /** The values of tokens that a bound statement compares sensitive columns with; refused where a parameter is no token. */
  tokensBack({ findings }: Sensitivity, { text, bind, parameterTypes = [] }: { readonly text: string; readonly bind?: Bind | undefined; readonly parameterTypes?: readonly number[] }): Outcome<Redeemed, PostgresRefusal> {
    return tokensBack({ findings, text, bind, parameterTypes, ruleOf: (column) => this.ruleOf(column), ciphers: this.ciphers });
  }

  /** How cells of a sensitive column look to it, in one format. Without a key for it nothing of them is left. */
  maskOf(column: SensitiveColumn, typeOid: number, format: 'text' | 'binary'): CellMask {
    return maskOf(column, shapeOf(typeOid, format), typeOid, format, this.ciphers);
  }

  ruleOf({ schema, table, column }: ColumnRef) {
    return this.plan.columnRule(schema, table, column);
  }

  /**
   * A rule for a column that the target does not have is mistyped, or its column was renamed: what it was to hide may then
   * stand anywhere, so nothing of the target's data is shown until the rule is right again.
   */
  #unmetIn(catalog: Catalog): SensitiveColumn | 'none' {
    const known = this.#unmet.get(catalog);
    if (known !== undefined) return known;
    const unmet = this.plan.sensitive.find(({ schema, table, column }) => !catalog.relation(schema, table)?.columns.some((one) => one.name === column)) ?? 'none';
    this.#unmet.set(catalog, unmet);
    return unmet;
  }
}

function columnOf(name: string): SubjectColumn {
  const [schema, table, column] = name.split('.') as [string, string, string];
  return { schema, table, column };
}

/** Domains are of the type beneath them, which the answer names. */
function isTold(catalog: Catalog, subject: SubjectColumn): boolean {
  const type = typeIn(catalog, subject);
  return subjectType(type) !== undefined || catalog.type(type)?.kind === 'domain';
}

/** Whose rows a column was to tell that is not there, or not in a table, may stand anywhere. */
function untoldSubject(budget: string, { schema, table, column }: SubjectColumn): { readonly ok: false; readonly refusal: PostgresRefusal } {
  return {
    ok: false,
    refusal: {
      reason: 'subject_column_unmet', detail: `by ${schema}.${table}.${column} budget ${budget} is to count of whom rows are shown, and the target has no table with that column, or it is of a type that cannot be compared (whole numbers, numeric, texts and uuid can), so none of its data is shown.`,
      hint: 'Someone who may change the configuration has to correct the budget.',
    },
  };
}

function bound({ rule, schema, table, column }: SensitiveColumn): { readonly ok: false; readonly refusal: PostgresRefusal } {
  return {
    ok: false,
    refusal: {
      reason: 'masking_rule_unmet', rule, detail: `the target has no column ${schema}.${table}.${column}, which this rule is to mask, so none of its data is shown.`,
      hint: 'Someone who may change the configuration has to correct the rule.',
    },
  };
}

const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema']);
const DATA_KINDS = new Set(['table', 'view']);

function touchesData({ object }: Interpretation['accesses'][number]): boolean {
  return DATA_KINDS.has(object.kind) && !SYSTEM_SCHEMAS.has(object.path[1] ?? '');
}
