import type { CellValue } from '@interlock/domain-masking';

type Day = Extract<CellValue, { readonly kind: 'date' }>;

const DAY_MS = 86_400_000;
export const MICROS_PER_DAY = 86_400_000_000n;
/** PostgreSQL counts from 2000-01-01. */
const EPOCH_DAYS = Date.UTC(2000, 0, 1) / DAY_MS;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.\d{1,6})?(?:([+-])(\d{2,3})(?::(\d\d))?(?::(\d\d))?)?)?$/;

/**
 * The day of a date, timestamp or timestamptz as text, ISO style. One with an offset is taken to UTC: told in the session's own time zone, a year or month
 * could be moved to and fro by setting it until it gave the moment away.
 */
export function readTime(text: string): Day | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const [offsetHours, offsetMinutes, offsetSeconds] = match.slice(8, 11).map((part) => Number(part ?? 0)) as [number, number, number];
  const sign = match[7] === '-' ? -1 : 1;
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  moment.setUTCHours(hour - sign * offsetHours, minute - sign * offsetMinutes, second - sign * offsetSeconds);
  return dayOf(moment);
}

export function writeDay({ year, month }: Day): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01`;
}

/** Days since 2000-01-01, as a binary date has them. */
export function fromDays(days: number): Day | undefined {
  return dayOf(new Date((days + EPOCH_DAYS) * DAY_MS));
}

/** Microseconds since then, as binary timestamps have them. */
export function fromMicros(micros: bigint): Day | undefined {
  const days = micros >= 0n ? micros / MICROS_PER_DAY : (micros - MICROS_PER_DAY + 1n) / MICROS_PER_DAY;
  return fromDays(Number(days));
}

/** The first day of the month. */
export function toDays({ year, month }: Day): number {
  const day = new Date(0);
  day.setUTCFullYear(year, month - 1, 1);
  return day.getTime() / DAY_MS - EPOCH_DAYS;
}

function dayOf(moment: Date): Day | undefined {
  const [year, month] = [moment.getUTCFullYear(), moment.getUTCMonth() + 1];
  return year >= 1 && year <= 9_999 ? { kind: 'date', year, month } : undefined;
}
