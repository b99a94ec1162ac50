import type { Configuration, Content, Generalisation, Masking, MaskingRule, Transform } from '@interlock/contracts';

/** One column that is sensitive for the reader the plan was made for. */
export interface SensitiveColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly transform: Transform;
  /** Of `token` and `format-preserving`: whose key is used. */
  readonly kind?: string | undefined;
  readonly generalise?: Generalisation | undefined;
  /** Of `partial`: characters that are left. */
  readonly last?: number | undefined;
  /** Id of the masking rule that says so. */
  readonly rule: string;
}

/** What `partial` leaves where its rule does not say. */
export const LAST_CHARACTERS = 4;

/** What one reader may not see of one target. Names are exact, as the target's catalog holds them. */
export interface MaskingPlan {
  /** Nothing to mask: results may pass verbatim. */
  readonly isEmpty: boolean;
  readonly sensitive: readonly SensitiveColumn[];
  /** Kinds, and recognizers of the configuration, searched for in every text that leaves, as the second net. */
  readonly contentKinds: readonly Content[];
  columnRule(schema: string, table: string, column: string): SensitiveColumn | undefined;
  /** Columns that rules hide from others and from this reader not, as `schema.table.column`: what is in them is shown, and nothing looked for. */
  readonly spared: ReadonlySet<string>;
}

/** By how little each leaves to see: whether there is a value; nothing; which values are equal; that and their digits' number; a part. */
const STRENGTH: Record<Transform, number> = { null: 5, redact: 4, token: 3, 'format-preserving': 2, generalise: 1, partial: 0 };

/** Who reads, and what for. */
export interface ReaderOfMasked {
  readonly roles: readonly string[];
  /** What the session says it is for, where its principal may say so. */
  readonly purpose?: string | undefined;
}

/**
 * The plan for a reader at `target`. A rule spares a reader who has any role of its `except`, or whose session states a purpose of its `exceptFor`; where
 * several rules name one column, the one that leaves least to see wins.
 */
export function compileMasking({ masking }: Pick<Configuration, 'masking'>, target: string, reader: ReaderOfMasked): MaskingPlan {
  const byColumn = new Map<string, SensitiveColumn>();
  const byTag = taggedColumns(masking, target);
  const ruled = masking.columns.filter((rule) => (rule.target ?? target) === target).map((rule) => ({ rule, columns: columnsOf(rule, byTag, masking), spares: isSpared(rule, reader) }));
  for (const { rule, columns, spares } of ruled) if (!spares) for (const column of columns) keepStrongest(byColumn, column, rule);
  const hidden = new Set(ruled.flatMap(({ columns, spares }) => (spares ? [] : columns)));
  const contentKinds = contentOf(masking, target);
  return {
    isEmpty: byColumn.size === 0 && contentKinds.length === 0,
    sensitive: [...byColumn.values()],
    contentKinds,
    columnRule: (schema, table, column) => byColumn.get(columnKey(schema, table, column)),
    spared: new Set(ruled.flatMap(({ columns, spares }) => (spares ? columns.filter((column) => !hidden.has(column)) : []))),
  };
}

function contentOf({ content, recognizers = [] }: Masking, target: string): readonly Content[] {
  const rules = content.filter((rule) => rule.target === target);
  return [...new Set(rules.flatMap(({ kinds }) => kinds)), ...recognizers.filter(({ id }) => rules.some((rule) => rule.recognizers?.includes(id)))];
}

function isSpared({ except, exceptFor = [] }: MaskingRule, { roles, purpose }: ReaderOfMasked): boolean {
  return except.some((role) => roles.includes(role)) || (purpose !== undefined && exceptFor.includes(purpose));
}

/** The columns of a target that a rule is about: the one that it names, or all that carry its tag or a tag of its classification. */
function columnsOf(rule: MaskingRule, byTag: ReadonlyMap<string, readonly string[]>, { classifications = [] }: Masking): readonly string[] {
  if (rule.column !== undefined) return [rule.column];
  const wanted = rule.tag !== undefined ? [rule.tag] : classifications.filter(({ name }) => name === rule.classification).flatMap((one) => one.tags);
  return wanted.flatMap((tag) => byTag.get(tag) ?? []);
}

function taggedColumns({ tags = [] }: Masking, at: string): ReadonlyMap<string, readonly string[]> {
  const byTag = new Map<string, string[]>();
  for (const { target, tag, column } of tags) {
    if (target !== at) continue;
    const columns = byTag.get(tag);
    if (columns) columns.push(column);
    else byTag.set(tag, [column]);
  }
  return byTag;
}

function keepStrongest(byColumn: Map<string, SensitiveColumn>, path: string, { transform, kind, generalise, last, id }: MaskingRule): void {
  const [schema, table, column] = path.split('.') as [string, string, string];
  const key = columnKey(schema, table, column);
  const next: SensitiveColumn = { schema, table, column, transform, ...(kind !== undefined && { kind }), ...(generalise && { generalise }), ...(last !== undefined && { last }), rule: id };
  const present = byColumn.get(key);
  if (!present || leavesLess(next, present)) byColumn.set(key, next);
}

function leavesLess(one: SensitiveColumn, other: SensitiveColumn): boolean {
  const [stronger, weaker] = [STRENGTH[one.transform], STRENGTH[other.transform]];
  return stronger === weaker ? detail(one) < detail(other) : stronger > weaker;
}

/** How much one transform leaves to see by its options. Of generalisations only those of one sort can be compared; between others the first named stays. */
function detail({ transform, last = LAST_CHARACTERS, generalise }: SensitiveColumn): number {
  if (transform === 'partial') return last;
  if (transform !== 'generalise' || !generalise) return 0;
  if ('to' in generalise) return generalise.to === 'year' ? 0 : 1;
  return 'first' in generalise ? generalise.first : -generalise.bucket;
}

function columnKey(schema: string, table: string, column: string): string {
  return JSON.stringify([schema, table, column]);
}
