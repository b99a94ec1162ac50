import type { ObjectRef, Target } from '@interlock/contracts';

/** A thing as rules name it: `Table` and `shop/public/orders`. */
export interface NamedPlace {
  readonly type: string;
  readonly id: string;
}

const TYPES: Readonly<Record<ObjectRef['kind'], string>> = {
  target: 'Target', database: 'Database', schema: 'Schema', table: 'Table', view: 'View', sequence: 'Sequence', function: 'Function',
  type: 'Type', role: 'DatabaseRole', setting: 'Setting', channel: 'Channel', other: 'Other',
};

/** The object itself, then what it lies in. A slash or percent sign in a name is escaped, so that two objects never share an id. */
export function placesOf({ kind, path }: ObjectRef, target: Target): readonly NamedPlace[] {
  const top = { type: 'Target', id: target.name };
  const below = kind === 'target' ? [] : path.slice(1);
  if (below.length === 0) return [top];
  const schema = kind !== 'schema' && below.length === 2 ? [{ type: 'Schema', id: idOf(target, below.slice(0, 1)) }] : [];
  return [{ type: TYPES[kind], id: idOf(target, below) }, ...schema, top];
}

/** `table shop/public/orders`. */
export function placeInWords({ type, id }: NamedPlace): string {
  return `${type.replace(/[a-z](?=[A-Z])/g, '$& ').toLowerCase()} ${id}`;
}

/** Whether an id is that of something at, or below, this one. */
export function liesBelow(id: string, above: string): boolean {
  return id === above || id.startsWith(`${above}/`);
}

/** The names below the target that an id holds. */
export function namesOf(id: string): string[] {
  return id.split('/').slice(1).map((name) => name.replaceAll('%2F', '/').replaceAll('%25', '%'));
}

function idOf(target: Target, names: readonly string[]): string {
  return [target.name, ...names].map((name) => name.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/');
}
