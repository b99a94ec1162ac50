import type { Outcome, Refusal } from '@interlock/kernel';
import { Custody, Purse, REFUSALS, type Session } from '@interlock/gateway';
import type { TransactionStatus } from '@interlock/protocol-postgres';
import { askContext } from './ask-context.js';
import type { Asking } from './ask-session.js';
import type { Admission } from './authenticate.js';
import type { ClientWriter } from './client-writer.js';
import type { ConnectorPorts } from './connector-ports.js';
import { Estimates } from './estimates.js';
import { SessionObjectNames } from './object-names.js';
import { commandsIn, type Plan } from './interpret.js';
import type { RelayPorts } from './relay-ports.js';
import type { Segment } from './segment.js';
import type { TargetLink } from './target-link.js';
import { WrittenRows, type Place } from './written-rows.js';

export interface AsksPorts {
  readonly outside: ConnectorPorts;
  readonly admission: Admission;
  readonly session: Session;
  readonly link: TargetLink;
  /** Nothing is owed, and no transaction has failed: a probe would not disturb the client's work. */
  readonly isAtRest: () => boolean;
  readonly onLost: (detail: string) => void;
  readonly writer: ClientWriter;
  readonly settle: RelayPorts['settle'];
}

/** What a session is asked itself, by probes on its own connection: where it looks names up, and what they mean. And what has to be asked before anything of it is sent. */
export class Asks {
  /** What its commands make. */
  readonly custody: Custody;
  /** What they use up of budgets. */
  readonly purse: Purse;
  /** What the target expects of them. */
  readonly estimates: Estimates;
  /** What they write, until it is paid for. */
  readonly written: WrittenRows;
  readonly #ports: AsksPorts;

  constructor(ports: AsksPorts) {
    this.#ports = ports;
    const { outside, admission, session, isAtRest } = ports;
    const names = new SessionObjectNames({ asking: () => this.asking, onMoved: () => admission.catalog.invalidate(), canBeAsked: isAtRest });
    const onProblem = (problem: string): void => outside.logger.warn('the history of an object has a gap', { session: session.id, problem });
    this.purse = new Purse({ slices: outside.slices, subjects: outside.subjects, watch: outside.watch, session });
    this.written = new WrittenRows({ ...ports, purse: this.purse, asking: () => this.asking });
    this.estimates = new Estimates({ ...outside, admission, session, asking: () => this.asking, canBeAsked: isAtRest });
    this.custody = new Custody({ ...outside, names, session, onProblem });
  }

  /** Why a plan is not sent, whatever was decided of it; undefined where it may be. */
  hindrance(plan: Plan, segment: Segment, place: Place): Refusal | undefined {
    const touched = commandsIn(plan).flatMap(({ sensitivity: { subjects = [] } }) => subjects.filter(({ touches }) => touches).map(({ budget }) => budget));
    const beyond = touched.length > 0 ? this.purse.meter?.beyond(touched) : undefined;
    return beyond ?? this.written.hindrance(plan, segment, place);
  }

  /** What the client's final message waits for: whoever hears that something was written or created may count on it; of a strict target, outcome and recording. */
  beforeReady(status: TransactionStatus): (() => Promise<TransactionStatus>) | undefined {
    const isStrict = this.#ports.admission.target.labels['strict'] === 'true';
    if (!this.written.isOn && !this.custody.hasEnded && !isStrict) return undefined;
    return async () => {
      const told = this.written.isOn ? await this.written.finish(status) : status;
      if (this.custody.hasEnded) await this.custody.settle();
      if (isStrict) await this.#strictly();
      return told;
    };
  }

  async #strictly(): Promise<void> {
    const { session } = this.#ports;
    if (!(await session.settled())) session.end('ledger_unavailable', REFUSALS.ledgerUnavailable);
  }

  context(): Promise<Outcome<unknown>> {
    return askContext(this.#ports.admission.context, this.asking);
  }

  /** How the session itself is asked. */
  get asking(): Asking {
    const { outside, admission, session, link, onLost } = this.#ports;
    return { ledger: outside.ledger, nowMs: () => outside.clock.nowMs(), target: admission.target.name, session: session.id, link, onLost };
  }
}
