/** A JSON value. `undefined` members of objects are left out, as JSON.stringify does. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json | undefined };

/**
 * The JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units, numbers and strings as
 * ECMAScript writes them, no white space. Equal values give equal text, so the text can be hashed.
 *
 * @throws RangeError on a number that JSON cannot hold, or on a lone surrogate.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value === 'string') return canonicalString(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) members.push(`${canonicalString(name)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError('JSON has no infinite number and no NaN');
  return JSON.stringify(value);
}

function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new RangeError('a string with a lone surrogate has no canonical form');
  return JSON.stringify(value);
}
