import type { CatalogFunction } from '../catalog/model.js';
import type { Analyst } from './analyst.js';
import { derived, type Value } from './value.js';

/**
 * The result of a function outside the system schemas. An immutable one in C reads nothing but its arguments; one in SQL
 * is followed through its body; of any other nobody can tell what it reads.
 */
export function definedFunction(a: Analyst, fn: CatalogFunction, values: readonly Value[]): Value {
  if (fn.language === 'c' && fn.volatility === 'immutable') return derived(values);
  const followed = a.body(fn, values);
  if (followed !== undefined) return followed;
  a.notes.opaque = true;
  a.notes.loseLineage(`what the function ${fn.schema}.${fn.name} reads cannot be told`);
  return derived(values);
}
