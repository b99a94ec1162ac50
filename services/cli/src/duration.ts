import { CliError, EXIT } from './exit.js';

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

/** A length of time as it is typed, in seconds. @throws CliError */
export function secondsOf(text: string): number {
  const match = /^([1-9]\d{0,4})([mhd])$/.exec(text);
  if (!match) throw new CliError(EXIT.usage, `${JSON.stringify(text)} is no length of time.`, 'Give a whole number of m, h or d, as in 8h.');
  return Number(match[1]) * SECONDS_PER_UNIT[match[2]!]!;
}
