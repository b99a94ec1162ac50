import type { CatalogColumn } from '../catalog/model.js';

/** What is known of an expression's value: which stored columns it is made from, and how. */
export interface Value {
  /** Columns of relations as the statement names them; a view's column stands for itself until the end. */
  readonly origins: readonly CatalogColumn[];
  /** Nothing but a column's value, unchanged; true of constants too. */
  readonly direct: boolean;
  /** Every step from the columns to this value is a function that never raises, waits or changes the row count. */
  readonly total: boolean;
  /** Where some of the origins arrive unchanged and others do not: those that do not. */
  readonly computed?: readonly CatalogColumn[];
  /** Code that cannot be looked into had a part in it: it may come from more than its origins. */
  readonly unread?: true;
  /** It is one of several, unchanged, of which at least one is made from no stored column: whoever wrote the statement may have chosen it. */
  readonly withConstants?: true;
  /** The members of a row value, by name, where known. */
  readonly fields?: readonly Field[];
}

/** Counts what a value is made of. */
interface Weighing {
  weigh(value: Value): void;
}

/** A named value: an output column, or a member of a row. */
export interface Field {
  readonly name: string;
  readonly value: Value;
}

/** A value made from no stored column. */
export const CONSTANT: Value = { origins: [], direct: true, total: true };

export function columnValue(column: CatalogColumn): Value {
  return { origins: [column], direct: true, total: true };
}

/** A value computed from others; `total` says whether this step is. */
export function derived(values: readonly Value[], total = false): Value {
  const origins = union(values.map(originsOf));
  const unread = unreadAmong(values);
  if (origins.length === 0 && unread.unread !== true) return CONSTANT;
  return { origins, direct: false, total: total && values.every((value) => value.total), ...unread };
}

/** A value that code made which cannot be looked into, from these and perhaps from more. */
export function fromUnread(values: readonly Value[]): Value {
  return { origins: union(values.map(originsOf)), direct: false, total: false, unread: true };
}

function unreadAmong(values: readonly Value[]): Pick<Value, 'unread'> {
  return values.some((value) => value.unread === true) ? { unread: true } : {};
}

/** A value that is one of several, unchanged: the arms of a set operation, the rows of VALUES. */
export function oneOf(values: readonly Value[]): Value {
  const [first] = values;
  if (values.length === 1 && first !== undefined) return first;
  const direct = values.every((value) => value.direct);
  return {
    origins: union(values.map(originsOf)), direct, total: values.every((value) => value.total),
    ...(direct ? {} : { computed: union(values.map(computedOf)) }), ...unreadAmong(values),
    ...(values.some((value) => value.origins.length === 0 || value.withConstants === true) ? { withConstants: true as const } : {}),
  };
}

/** Those of a value's origins that do not arrive unchanged. */
export function computedOf(value: Value): readonly CatalogColumn[] {
  return value.direct ? [] : value.computed ?? value.origins;
}

/** A row made of named members, and the single value it is when nobody takes it apart. */
export function rowOf(fields: readonly Field[]): Value {
  const values = fields.map((field) => field.value);
  return { origins: union(values.map(originsOf)), direct: fields.length === 0, total: values.every((value) => value.total), ...unreadAmong(values), fields };
}

/** The member of a row value; the whole value, as derived, when its members are not known. */
export function fieldOf(value: Value, name: string): Value {
  const members = value.fields?.filter((field) => field.name === name) ?? [];
  return members.length > 0 ? oneOf(members.map((field) => field.value)) : derived([value]);
}

/** Joins columns position by position, as a set operation does; the first arm names them. */
export function mergeColumns(notes: Weighing, left: readonly Field[], right: readonly Field[]): Field[] {
  return left.map((field, index) => {
    const value = oneOf([field.value, right[index]?.value ?? CONSTANT]);
    notes.weigh(value);
    return { name: field.name, value };
  });
}

/** Gives the first columns new names, as `AS t(a, b)` does. */
export function renamed<T extends Field>(fields: readonly T[], names: readonly string[]): T[] {
  return fields.map((field, index) => ({ ...field, name: names[index] ?? field.name }));
}

function originsOf(value: Value): readonly CatalogColumn[] {
  return value.origins;
}

function union(lists: readonly (readonly CatalogColumn[])[]): readonly CatalogColumn[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return filled[0] ?? [];
  const all = new Set<CatalogColumn>();
  for (const list of new Set(filled)) for (const column of list) all.add(column);
  return [...all];
}
