import { Weekday } from '@interlock/contracts';

/** What a clock on the wall of one time zone shows. */
export interface WallTime {
  /** 0 is Monday. */
  readonly day: number;
  /** Minutes since midnight. */
  readonly minute: number;
}

const MINUTE_MS = 60_000;

/** Whether there is such a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** Tells the time in one zone. What it showed last is remembered for the rest of that minute: zones move by whole minutes. */
export class WallClock {
  readonly #format: Intl.DateTimeFormat;
  #minute = Number.NaN;
  #shown: WallTime | undefined;

  /** @throws RangeError for a zone that does not exist. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  /** Undefined for what is no time. `atMs` is in milliseconds since the epoch. */
  at(atMs: number): WallTime | undefined {
    if (!Number.isFinite(atMs)) return undefined;
    const minute = Math.floor(atMs / MINUTE_MS);
    if (this.#minute !== minute) {
      this.#shown = this.#read(atMs);
      this.#minute = minute;
    }
    return this.#shown;
  }

  #read(atMs: number): WallTime {
    const parts = Object.fromEntries(this.#format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const day = Weekday.options.findIndex((name) => name === parts['weekday']?.toLowerCase());
    return { day, minute: Number(parts['hour']) * 60 + Number(parts['minute']) };
  }
}
