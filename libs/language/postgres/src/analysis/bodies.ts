import type { CatalogFunction } from '../catalog/model.js';
import type { Analyst } from './analyst.js';
import { derived, fromUnread, type Value } from './value.js';

/**
 * The result of a function outside the system schemas. An immutable one in C reads nothing but its arguments; one in SQL
 * is followed through its body; of any other nobody can tell what it reads.
 */
export function definedFunction(a: Analyst, fn: CatalogFunction, values: readonly Value[]): { readonly value: Value; readonly followed: boolean } {
  const value = fn.language === 'c' && fn.volatility === 'immutable' ? derived(values) : a.notes.readsAnew(() => a.body(fn, values));
  if (value !== undefined) return { value, followed: true };
  a.notes.opaque = true;
  a.notes.leaveUnread(`what the function ${fn.schema}.${fn.name} reads cannot be told`);
  return { value: fromUnread(values), followed: false };
}
