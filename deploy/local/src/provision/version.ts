/** The first dotted number in a program's version answer, e.g. `nats-server: v2.10.27` -> `2.10.27`. */
export function versionIn(text: string): string | undefined {
  return /\d+(?:\.\d+)+/.exec(text)?.[0];
}

/** Whether a dotted number is at least another; a missing part counts as 0. */
export function versionAtLeast(version: string, minimum: string): boolean {
  const have = version.split('.').map(Number);
  const want = minimum.split('.').map(Number);
  for (const [place, part] of want.entries()) {
    const difference = (have[place] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
