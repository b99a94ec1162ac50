import { endingsIn, type Ending } from '../views/commands/query.js';
import type { CommandRow } from '../views/commands/row.js';
import type { Views } from '../views/views.js';
import { answersIn, type DialogueAnswer } from './answer.js';
import type { Recordings } from './recorded-bytes.js';

/** Where one command's answer lies in its exchange's recording. */
export interface AnswerPlace {
  readonly firstByte: number;
  readonly bytes: number;
}

/** Recorded bytes of one exchange that are searched, and commands that are counted. */
const SEARCHED_BYTES = 16 * 1024 * 1024;
const SEARCHED_COMMANDS = 10_000;

/**
 * Where answers lie. An outcome says it itself. A refused command has no outcome: its answer is found among those that no
 * other command claims.
 */
export class AnswerPlaces {
  readonly #found = new Map<string, Promise<ReadonlyMap<string, AnswerPlace>>>();

  constructor(private readonly views: Views, private readonly recordings: Recordings) {}

  async of(row: CommandRow): Promise<AnswerPlace | undefined> {
    if (row.firstByte !== null && row.bytes !== null) return { firstByte: row.firstByte, bytes: row.bytes };
    if (row.exchange === null || !broughtAnAnswer(row)) return undefined;
    const known = this.#found.get(row.exchange) ?? this.#find(row.exchange);
    this.#found.set(row.exchange, known);
    return (await known).get(row.command);
  }

  async #find(exchange: string): Promise<ReadonlyMap<string, AnswerPlace>> {
    const recorded = await this.recordings.read(exchange, 0, SEARCHED_BYTES);
    if (!recorded.ok) return new Map();
    return placeAnswers(answersIn(recorded.bytes), await endingsIn(this.views.repository('commands'), exchange, SEARCHED_COMMANDS));
  }
}

/** Gives the answers that nobody claims to the commands that have none, both in order; to a refused command an error and nothing else. */
export function placeAnswers(answers: readonly DialogueAnswer[], endings: readonly Ending[]): ReadonlyMap<string, AnswerPlace> {
  const claimed = endings.filter((ending) => ending.firstByte !== null && ending.bytes !== null);
  const free = answers.filter(({ firstByte }) => !claimed.some((ending) => firstByte >= ending.firstByte! && firstByte < ending.firstByte! + ending.bytes!));
  const places = new Map<string, AnswerPlace>();
  let next = 0;
  for (const ending of endings) {
    if (ending.firstByte !== null || !broughtAnAnswer(ending)) continue;
    while (next < free.length && isRefused(ending) && !free[next]!.isError) next += 1;
    const answer = free[next];
    if (answer) places.set(ending.command, { firstByte: answer.firstByte, bytes: answer.bytes });
    next += 1;
  }
  return places;
}

/** A command that ran, or was refused in the protocol's own words: at once, or when people did not agree in time. */
function broughtAnAnswer(ending: Pick<Ending, 'decision' | 'status'>): boolean {
  return isRefused(ending) || ending.status === 'completed' || ending.status === 'failed' || ending.status === 'cancelled';
}

function isRefused({ decision }: Pick<Ending, 'decision'>): boolean {
  return decision === 'deny' || decision === 'refused' || decision === 'ask';
}
