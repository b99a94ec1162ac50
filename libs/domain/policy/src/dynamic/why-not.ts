import type { ExercisedAct, Principal } from '@interlock/contracts';
import type { WindowSeparation } from './separations.js';

/** Why a command is kept back by what was done before, and what can be done about it. */
export interface WhyNot {
  readonly detail: string;
  readonly hint: string;
}

const ANOTHER_SESSION = 'Let another party do it, in a session of theirs.';

/** Whether what one session did before excludes what it asks for now. `earlier` is of the same separation; not told, it is all of it. */
export function asOneSession([now, also]: readonly ExercisedAct[], earlier: readonly ExercisedAct[] | undefined): WhyNot | undefined {
  if (!now) return undefined;
  if (also && !now.moves) return both(now, also);
  if (!earlier) return { detail: `What this session has done before is not known; now it asks for ${now.act}.`, hint: ANOTHER_SESSION };
  const [other] = excluding(now, earlier);
  if (!other) return undefined;
  const command = commandOf(other);
  if (now.moves || other.moves) return { detail: `Names may have moved between the two: this session has done ${other.act}${command}; now it asks for ${now.act}.`, hint: ANOTHER_SESSION };
  return { detail: `This session has done the other: ${other.act}${command}; now it asks for ${now.act}.`, hint: ANOTHER_SESSION };
}

/** The same of what everyone did behind whom one of the same humans stands. What those did of whom nobody is known cannot be told. */
export function asOneParty({ windowSeconds }: WindowSeparation, [now, also]: readonly ExercisedAct[], earlier: readonly ExercisedAct[] | undefined, { name, party }: Pick<Principal, 'name' | 'party'>): WhyNot | undefined {
  if (!now) return undefined;
  if (also && !now.moves) return both(now, also);
  if (party.length === 0) return { detail: `Nobody is known to stand behind ${name}, so what anyone did may be its own; now it asks for ${now.act}.`, hint: `Name the owners of ${name} in interlock.yaml.` };
  if (!earlier) return { detail: `What this party has done before is not known; now it asks for ${now.act}.`, hint: 'Send the command again.' };
  const other = excluding(now, earlier).toSorted((one, two) => endMs(two, windowSeconds) - endMs(one, windowSeconds))[0];
  if (!other) return undefined;
  const { act, by = name, behind = `principal ${name}` } = other;
  const told = now.moves || other.moves ? 'Names may have moved between the two' : 'The other was done';
  const until = new Date(endMs(other, windowSeconds)).toISOString();
  return {
    detail: `${told}: ${act} by ${by}${commandOf(other)}, and ${behind} stands behind both; now ${name} asks for ${now.act}. They are kept apart for ${spanInWords(windowSeconds)}, until ${until}.`,
    hint: `Let another party do it, or send it after ${until}.`,
  };
}

function both(now: ExercisedAct, also: ExercisedAct): WhyNot {
  return { detail: `This command does both: ${now.act}, and ${also.act}.`, hint: 'Send them as separate commands, by different parties.' };
}

function excluding(now: ExercisedAct, earlier: readonly ExercisedAct[]): readonly ExercisedAct[] {
  return now.moves ? earlier.filter(({ moves }) => !moves) : earlier.filter(({ side, moves }) => moves || side !== now.side);
}

function commandOf({ command }: ExercisedAct): string {
  return command === undefined ? '' : ` (command ${command})`;
}

function endMs({ at }: ExercisedAct, windowSeconds: number): number {
  return Date.parse(at!) + windowSeconds * 1_000;
}

/** `24 h`. */
export function spanInWords(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
