/** Reads what came in from outside, member by member: everything that is not what it should be is undefined. */
export type Members = Readonly<Record<string, unknown>>;

/** A JSON object of at most `depth` levels, or undefined. */
export function objectIn(json: string, depth = 40): Members | undefined {
  if (nesting(json) > depth) return undefined;
  try {
    return membersOf(JSON.parse(json));
  } catch {
    return undefined;
  }
}

export function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

export function member(of: Members | undefined, name: string): Members | undefined {
  return of && Object.hasOwn(of, name) ? membersOf(of[name]) : undefined;
}

export function text(of: Members | undefined, name: string, most = 300): string | undefined {
  const value = of && Object.hasOwn(of, name) ? of[name] : undefined;
  return typeof value === 'string' && value !== '' && value.length <= most ? value : undefined;
}

export function list(of: Members | undefined, name: string): readonly unknown[] | undefined {
  const value = of && Object.hasOwn(of, name) ? of[name] : undefined;
  return Array.isArray(value) ? value : undefined;
}

/** How deep brackets go, those in texts included: never less than it is. */
function nesting(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of json) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth = Math.max(0, depth - 1);
  }
  return deepest;
}
