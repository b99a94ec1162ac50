import { Weekday, type RiskModel } from '@interlock/contracts';
import type { WallTime } from './wall-clock.js';

type Time = RiskModel['times'][number];

const DAY_MINUTES = 24 * 60;

/** Whether a wall clock shows a time of this stretch. */
export function stretchOf({ days, from, to }: Time): (shown: WallTime) => boolean {
  const [begin, end] = [minutesOf(from ?? '00:00'), minutesOf(to ?? '24:00')];
  const isDay = Weekday.options.map((day) => days?.includes(day) ?? true);
  if (begin < end) return ({ day, minute }) => isDay[day]! && minute >= begin && minute < end;
  return ({ day, minute }) => (isDay[day]! && minute >= begin) || (isDay[(day + 6) % 7]! && minute < end);
}

/** `Sat and Sun, 22:00-06:00 in Europe/Berlin`. */
export function stretchInWords({ days, from, to }: Time, timeZone: string): string {
  const which = days === undefined ? 'any day' : days.map((day) => `${day[0]!.toUpperCase()}${day.slice(1)}`).join(' and ');
  return `${which}, ${from ?? '00:00'}-${to ?? '24:00'} in ${timeZone}`;
}

/** Minutes since midnight. */
function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return Math.min(DAY_MINUTES, hours * 60 + minutes);
}
