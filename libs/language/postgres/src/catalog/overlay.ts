import { digestOf, unreachable } from '@interlock/kernel';
import type { Catalog, CatalogColumn, CatalogFunction, CatalogRelation } from './model.js';
import { TEMPORARY_SCHEMA } from './search-path.js';

/** A change that a session has made and its probe cannot see: uncommitted, or temporary. */
export type CatalogChange =
  | {
    readonly kind: 'created';
    readonly schema: string;
    readonly name: string;
    readonly as: 'table' | 'view';
    readonly columns: readonly string[];
    /** ON COMMIT DROP: gone with the transaction. */
    readonly untilCommit: boolean;
  }
  | { readonly kind: 'dropped'; readonly schema: string; readonly name: string }
  /** Changed in a way that is not followed: its columns are not known until the catalog is read again. */
  | { readonly kind: 'lost'; readonly schema: string; readonly name: string }
  | { readonly kind: 'function'; readonly schema: string; readonly name: string }
  | { readonly kind: 'schema'; readonly name: string; readonly exists: boolean }
  /** Something (an operator, a cast, code that ran) after which names may mean anything. */
  | { readonly kind: 'untold' }
  /** The same, of a session that can be asked what a name finds: where values come from cannot be told. */
  | { readonly kind: 'unfollowed' };

/** The oid of a relation that only an overlay knows; no stored relation has it. */
export const OVERLAY_OID = 0;

/** What an overlay holds over the probe's picture. */
interface Overlaid {
  readonly picture: Catalog;
  readonly changed: ReadonlyMap<string, CatalogRelation | 'dropped'>;
  readonly functions: readonly CatalogFunction[];
  readonly schemas: ReadonlyMap<string, number>;
}

const overlays = new WeakMap<Catalog, Overlaid>();

/**
 * A catalog as the session sees it: the probe's picture with the session's own changes, in order. Cheap. What a created
 * relation holds was judged when it was made: its columns carry no label.
 */
export function overlayCatalog(base: Catalog, changes: readonly CatalogChange[]): Catalog {
  if (changes.length === 0) return base;
  // An overlay over an overlay lies on the same picture: a name is looked up in two places, however many statements came before.
  const below = overlays.get(base) ?? { picture: base, changed: new Map(), functions: [], schemas: base.schemas };
  const { picture } = below;
  const changed = new Map(below.changed);
  const functions = [...below.functions];
  const schemas = new Map([...below.schemas, [TEMPORARY_SCHEMA, OVERLAY_OID]]);
  let untold = base.untold === true;
  let unfollowed = base.unfollowed === true;
  for (const change of changes) {
    switch (change.kind) {
      case 'created': case 'lost': changed.set(keyOf(change.schema, change.name), relationOf(change)); break;
      case 'dropped': changed.set(keyOf(change.schema, change.name), 'dropped'); break;
      case 'function': functions.push(unreadFunction(change.schema, change.name)); break;
      case 'schema':
        if (change.exists) schemas.set(change.name, OVERLAY_OID);
        else schemas.delete(change.name);
        break;
      case 'untold': untold = true; break;
      case 'unfollowed': unfollowed = true; break;
      default: unreachable(change);
    }
  }
  const find = (schema: string, name: string): CatalogRelation | undefined => {
    const found = schemas.has(schema) ? changed.get(keyOf(schema, name)) ?? picture.relation(schema, name) : undefined;
    return found === 'dropped' ? undefined : found;
  };
  const overlay: Catalog = {
    ...picture,
    base: picture.base ?? picture,
    version: digestOf([base.version, changes as never]),
    ...(untold ? { untold } : {}),
    ...(unfollowed ? { unfollowed } : {}),
    schemas,
    functions: (name, where) => {
      const made = functions.filter((fn) => fn.name === name && (typeof where === 'string' ? fn.schema === where : where.functions.includes(fn.schema)));
      return made.length === 0 ? picture.functions(name, where) : [...made, ...picture.functions(name, where)];
    },
    relation: find,
    visibleRelation: (name, path) => {
      for (const schema of path.relations) {
        const found = find(schema, name);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
  overlays.set(overlay, { picture, changed, functions, schemas });
  return overlay;
}

function keyOf(schema: string, name: string): string {
  return `${schema}\0${name}`;
}

/** A function of which only the name is known: any call of that name may be it. */
function unreadFunction(schema: string, name: string): CatalogFunction {
  return {
    oid: OVERLAY_OID, schema, name, kind: 'function', argumentTypes: [], argumentNames: [], defaults: 0, variadic: true, returnType: 0, returnsSet: true,
    outColumns: [], volatility: 'volatile', language: 'unread', securityDefiner: false, body: undefined, searchPath: undefined,
  };
}

function relationOf(change: CatalogChange & { kind: 'created' | 'lost' }): CatalogRelation {
  if (change.kind === 'lost') {
    return { oid: OVERLAY_OID, schema: change.schema, name: change.name, kind: 'table', columns: [], definition: undefined, hasRules: false, lost: true };
  }
  const columns: CatalogColumn[] = [];
  const relation: CatalogRelation = {
    oid: OVERLAY_OID, schema: change.schema, name: change.name, kind: change.as, columns, definition: undefined, hasRules: false,
  };
  change.columns.forEach((name, index) => columns.push({ relation, name, attnum: index + 1, typeOid: 0, notNull: false, unique: false }));
  return relation;
}
