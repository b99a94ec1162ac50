const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** Names of rules and roles. */
export const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Seconds of a text like `15m`, at most `most`; undefined for anything else. */
export function readTime(text: string, most: number): number | undefined {
  const match = /^([1-9]\d{0,5})([smh])$/.exec(text.trim());
  if (!match) return undefined;
  const seconds = Number(match[1]) * SECONDS_PER_UNIT[match[2]!]!;
  return seconds <= most ? seconds : undefined;
}
