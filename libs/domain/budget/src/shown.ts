import { accepted, refused, type Decider } from '@interlock/kernel';
import type { ShownSubjects, SubjectsState } from '@interlock/contracts';
import { BEHIND } from './lease.js';

/**
 * Which subjects one account has been shown:
 *
 *     (nothing) ─show a─▶ {a} ─show a, b─▶ {a, b}, at most `most` ─▶ …      in a later window it begins at nothing
 *
 * A subject counts once, however often and over whichever connector it is shown. Of a rolling budget windows are short, and it counts in the last one in
 * which it was shown and in `span` after that; so in no `span + 1` that follow each other are more than `most` shown.
 */
export interface ShowCommand {
  readonly budget: string;
  readonly account: string;
  /** Of the row that is to be shown now: all of them, or none. */
  readonly subjects: readonly string[];
  /** Of rows that come after it, in order: so many as there is room for. */
  readonly later: readonly string[];
  readonly most: number;
  readonly window: number;
  readonly span: number;
}

/** They count from now on; those of them that counted before do so for longer. */
export type ShowEvent = Omit<ShowCommand, 'most' | 'later'>;

/** Refused where there is no room for all of a row. No event where all of them count already. */
export const shown: Decider<ShowCommand, ShowEvent, SubjectsState | undefined> = {
  initial: undefined,
  decide({ most, subjects, later, ...rest }, state) {
    const { window, span } = rest;
    if ((state?.windows[0]?.window ?? 0) > window + (span > 0 ? BEHIND : 0)) return refused('budget_window_over', 'The window is over elsewhere already.', { retryable: true });
    const [counting, present] = [countingWith(state, window - span), countingWith(state, window)];
    const wanted = (of: readonly string[]): string[] => [...new Set(of)].filter((subject) => !present.has(subject));
    const all = thatFit(wanted([...subjects, ...later]), counting, most);
    if (all.length < wanted(subjects).length) return refused('budget_used_up', `Of ${most}, ${counting.size} were shown.`, { retryable: true });
    return accepted(all.length === 0 ? [] : [{ ...rest, subjects: all }]);
  },
  evolve(state, { budget, account, subjects, window, span }) {
    const moved = new Set(subjects);
    const known = state?.windows ?? [];
    const own = [...(known.find((one) => one.window === window)?.subjects ?? []), ...subjects];
    const others = known.filter((one) => one.window !== window).map((one) => ({ ...one, subjects: one.subjects.filter((subject) => !moved.has(subject)) }));
    const windows = [{ window, subjects: own }, ...others].toSorted((one, other) => other.window - one.window);
    const oldest = windows[0]!.window - (span > 0 ? span + BEHIND : 0);
    return { budget, account, windows: windows.filter((one) => one.window >= oldest && one.subjects.length > 0) };
  },
};

function thatFit(wanted: readonly string[], counting: ReadonlySet<string>, most: number): readonly string[] {
  let room = most - counting.size;
  const first = wanted.findIndex((subject) => !counting.has(subject) && (room -= 1) < 0);
  return first < 0 ? wanted : wanted.slice(0, first);
}

/** Subjects that were last shown in that window or after it. */
function countingWith(state: SubjectsState | undefined, oldest: number): ReadonlySet<string> {
  return new Set(windowsSince(state, oldest).flatMap(({ subjects }) => subjects));
}

function windowsSince(state: SubjectsState | undefined, oldest: number): readonly ShownSubjects[] {
  return (state?.windows ?? []).filter(({ window }) => window >= oldest);
}

/** What an event changes: how many subjects count that did not, and how many do. */
export function newlyShown({ subjects, window, span }: ShowEvent, before: SubjectsState | undefined): { readonly amount: number; readonly total: number } {
  const counting = countingWith(before, window - span);
  const amount = subjects.filter((subject) => !counting.has(subject)).length;
  return { amount, total: counting.size + amount };
}

/** The oldest window that counts with this one and in which subjects were last shown: it is the first to count no more. */
export function oldestShown(state: SubjectsState | undefined, window: number, span: number): number | undefined {
  return windowsSince(state, window - span).at(-1)?.window;
}
