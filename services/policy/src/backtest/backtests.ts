import { setImmediate as nextTurn } from 'node:timers/promises';
import { accepted, refused, type Ledger, type Outcome, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { BusUnavailable } from '@interlock/adapter-jetstream';
import { readConfiguration } from '@interlock/authoring';
import { draft, type Backtest, type Bundle, type PolicyFile } from '@interlock/contracts';
import { allowedTo, type Recognised } from '@interlock/domain-identity';
import { TighteningCompiler } from '@interlock/domain-policy';
import { KeysUnavailable, type EventOpener, type RevealedKeys } from '@interlock/adapter-sealing';
import { refusedConfiguration } from '../changes/refused-configuration.js';
import { DecisionReader } from '../second/decision-reader.js';
import { OpenSessions } from '../second/open-sessions.js';
import type { RecordedDecision } from '../second/recorded.js';
import { Replay } from './replay.js';
import { firstSince, type SeekableLedger } from './seek.js';

export interface BacktestPorts {
  readonly recorded: SeekableLedger;
  readonly keys: Pick<RevealedKeys<EventOpener>, 'of'>;
  readonly verify: VerifyProducer;
  /** Where it is told that someone read recorded texts. */
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  readonly versionInForce: () => number;
}

export interface BacktestWish {
  readonly files: readonly PolicyFile[];
  /** RFC 3339. */
  readonly since?: string | undefined;
  /** Commands at most. */
  readonly limit: number;
}

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
/** How long before the first command its session may have been opened, and how many batches are gone through for that at most. */
const LOOKBACK_MS = DAY_MS;
const LOOKBACK_BATCHES = 50_000;

/** Replays recorded commands against a proposed configuration. One at a time: it goes through the ledger, and other work waits for no second one. */
export class Backtests {
  #isRunning = false;

  constructor(private readonly ports: BacktestPorts) {}

  /** Refuses with `configuration_invalid`, or retryably with `busy` or `unavailable`. */
  async run(reader: Recognised, wish: BacktestWish): Promise<Outcome<Backtest>> {
    if (this.#isRunning) return refused('busy', 'Another back-test is running.', { retryable: true, hint: 'Try again in a moment.' });
    this.#isRunning = true;
    try {
      return await this.#run(reader, wish);
    } catch (fault) {
      if (!(fault instanceof KeysUnavailable || fault instanceof BusUnavailable)) throw fault;
      return refused('unavailable', `Recorded commands cannot be read at the moment: ${fault.message}`, { retryable: true, hint: 'Try again in a moment.' });
    } finally {
      this.#isRunning = false;
    }
  }

  async #run(reader: Recognised, { files, since, limit }: BacktestWish): Promise<Outcome<Backtest>> {
    const { configuration, policies, problems } = readConfiguration(files);
    if (!configuration || problems.length > 0) return refusedConfiguration(problems);
    const sinceMs = since === undefined ? this.ports.nowMs() - USUAL_DAYS * DAY_MS : Date.parse(since);
    const { name } = reader.principal;
    await this.ports.ledger.append([draft('record.read.v1', { reader: name, what: 'backtest', subject: `commands since ${new Date(sinceMs).toISOString()}` })]);
    const proposed: Bundle = { version: this.ports.versionInForce() + 1, configuration, policies: [...policies], change: 'proposed', author: name, approvedBy: [], createdAt: new Date(this.ports.nowMs()).toISOString() };
    const judge = new TighteningCompiler(new CedarJudgeCompiler()).compile(proposed);
    if (!judge.ok) return judge;
    const replay = new Replay(judge.value, proposed, { sinceMs, limit, maySee: (recorded) => maySee(reader, recorded) });
    await this.#through(replay, sinceMs);
    return accepted(replay.result(this.ports.nowMs()));
  }

  /** Everything that the ledger held when it began. */
  async #through(replay: Replay, sinceMs: number): Promise<void> {
    const { recorded, keys, verify } = this.ports;
    const last = await recorded.lastSequence();
    const first = await firstSince(recorded, sinceMs);
    const from = Math.max(1, first - LOOKBACK_BATCHES, await firstSince(recorded, sinceMs - LOOKBACK_MS));
    if (first > last) return;
    const decisions = new DecisionReader(keys, verify, new OpenSessions());
    const end = new AbortController();
    const take = async (stored: StoredBatch): Promise<void> => {
      replay.add(await decisions.read(stored, stored.sequence < first));
      if (stored.sequence >= last || replay.isFull) end.abort();
      await nextTurn();
    };
    await recorded.follow(from, take, end.signal);
  }
}

/** As an explanation shows texts: to auditors, to the principal itself and to the humans behind it. */
function maySee({ principal: reader, configuration }: Recognised, { principal }: RecordedDecision): boolean {
  return allowedTo(reader, 'audit', configuration).ok || reader.name === principal.name || principal.party.some((human) => reader.party.includes(human));
}
