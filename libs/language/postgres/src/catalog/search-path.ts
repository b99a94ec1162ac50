import { SQL_LIMITS } from '../limits.js';

/**
 * A search path as the server searches it: the schemas in order, with the implicit ones in their places.
 *
 * Schemas that do not exist are skipped by the server, so they do no harm here; for those that a role may not use see {@link usablePath}.
 */
export interface SearchPath {
  /** Where tables, views, sequences and types are looked up. */
  readonly relations: readonly string[];
  /** Where functions and operators are looked up: the temporary schema is never searched for them. */
  readonly functions: readonly string[];
  /** The setting's own members in order, `$user` replaced: where new objects go, unless they do not exist. */
  readonly explicit: readonly string[];
}

/** The name under which a session's temporary schema is searched and reported. */
export const TEMPORARY_SCHEMA = 'pg_temp';

/**
 * Completes the members of the setting `search_path` as PostgreSQL does: `$user` becomes the session user's name, pg_temp
 * comes first for relations unless it is listed, pg_catalog comes before the listed ones unless it is listed.
 *
 * Source: PostgreSQL documentation, 19.11.1 `search_path`; CVE-2007-2138 for pg_temp and functions.
 */
export function completeSearchPath(members: readonly string[], user: string): SearchPath {
  const explicit = members.map((member) => (member === '$user' ? user : member));
  const searched = explicit.includes('pg_catalog') ? explicit : ['pg_catalog', ...explicit];
  return {
    relations: explicit.includes(TEMPORARY_SCHEMA) ? searched : [TEMPORARY_SCHEMA, ...searched],
    functions: searched.filter((schema) => schema !== TEMPORARY_SCHEMA),
    explicit,
  };
}

/** A path without the schemas that a role may not use: the server passes them over, whatever is in them. */
export function usablePath({ relations, functions, explicit }: SearchPath, user: string, schemaUsers: ReadonlyMap<string, ReadonlySet<string>>): SearchPath {
  const mayUse = (schema: string): boolean => schemaUsers.get(schema)?.has(user) ?? true;
  return { relations: relations.filter(mayUse), functions: functions.filter(mayUse), explicit: explicit.filter(mayUse) };
}

/**
 * Splits the setting's text form (from a startup packet, ParameterStatus or set_config), e.g. `"$user", public`, into its members: unquoted names are folded
 * to lower case and cut to 63 bytes, doubled quotes mean one quote. Undefined where the server would refuse the text.
 */
export function parseSearchPath(text: string): string[] | undefined {
  if (text.trim() === '') return [];
  const members: string[] = [];
  const member = /\s*(?:"((?:[^"]|"")*)"|([^\s",]+))\s*(,|$)/y;
  for (;;) {
    const match = member.exec(text);
    if (match === null) return undefined;
    members.push(cut(match[1] === undefined ? foldCase(match[2] ?? '') : match[1].replaceAll('""', '"')));
    if (match[3] === '') return members;
  }
}

/** Whether a path is longer than one may be that every name is looked up in and every event tells, or has names that the server would cut. */
export function isLongPath(members: readonly string[]): boolean {
  return members.length > SQL_LIMITS.searchPathMembers || !members.every(isNameWithin);
}

const NAME_BYTES = 63;

function isNameWithin(name: string): boolean {
  return name.length <= NAME_BYTES && Buffer.byteLength(name) <= NAME_BYTES;
}

/** Identifiers fold by ASCII only in a UTF-8 database. */
function foldCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** NAMEDATALEN - 1 bytes, cut at a character. */
function cut(name: string): string {
  if (isNameWithin(name)) return name;
  let kept = name.slice(0, NAME_BYTES + 1);
  while (!isNameWithin(kept)) kept = kept.slice(0, kept.codePointAt(kept.length - 2)! > 0xffff ? -2 : -1);
  return kept;
}
