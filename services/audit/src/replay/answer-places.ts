import { endingsIn } from '../views/commands/query.js';
import type { CommandRow } from '../views/commands/row.js';
import type { Views } from '../views/views.js';
import { answersIn } from './answer.js';
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
 * Where answers lie. Outcomes say it themselves; for an older or foreign connector's outcomes that do not, the answers of
 * the exchange are counted off in the order of its commands.
 */
export class AnswerPlaces {
  readonly #counted = new Map<string, Promise<ReadonlyMap<string, AnswerPlace>>>();

  constructor(private readonly views: Views, private readonly recordings: Recordings) {}

  async of(row: CommandRow): Promise<AnswerPlace | undefined> {
    if (row.firstByte !== null && row.bytes !== null) return { firstByte: row.firstByte, bytes: row.bytes };
    if (row.exchange === null || !broughtAnAnswer(row)) return undefined;
    const known = this.#counted.get(row.exchange) ?? this.#count(row.exchange);
    this.#counted.set(row.exchange, known);
    return (await known).get(row.command);
  }

  async #count(exchange: string): Promise<ReadonlyMap<string, AnswerPlace>> {
    const recorded = await this.recordings.read(exchange, 0, SEARCHED_BYTES);
    if (!recorded.ok) return new Map();
    const asked = await endingsIn(this.views.repository('commands'), exchange, SEARCHED_COMMANDS);
    const answers = answersIn(recorded.bytes);
    return new Map(asked.filter(broughtAnAnswer).slice(0, answers.length).map(({ command }, at) => [command, answers[at]!]));
  }
}

/** A command that ran, or was refused in the protocol's own words. */
function broughtAnAnswer({ decision, status }: Pick<CommandRow, 'decision' | 'status'>): boolean {
  if (decision === 'deny' || decision === 'refused') return true;
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
