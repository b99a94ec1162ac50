import { noTracing, type Tracing } from '@interlock/adapter-telemetry';
import { LedgerUnavailable, type AggregateStore, type EventDraft, type Ledger } from '@interlock/kernel';
import { draft, type BudgetState, type EventData, type GrantState, type ObjectState, type PartyActs, type ReleasedTokenKeys, type RpcClient, type SubjectsState } from '@interlock/contracts';
import type { JudgeCompiler } from '@interlock/domain-policy';
import { nameOrNothing } from '@interlock/domain-identity';
import type { CipherBook } from '@interlock/domain-masking';
import {
  ConductBook, ControlPlaneWatch, CreationHistory, GrantBoard, NO_TRAIL, Parking, PartyActsBook, RecordingPacker, SessionBook, Slices, SubjectLists, type BeaconSource, type Clock, type ControlSource, type ExchangeKeys,
  type RecordingWriter,
} from '@interlock/gateway';
import { createInterpreter } from '@interlock/language-postgres';
import { CancelBook } from './cancel.js';
import { CatalogBook } from './catalog.js';
import { CommandTrail } from './command-trail.js';
import type { ConnectorPorts, Log, Seals } from './connector-ports.js';
import { Listener, type ListenerOptions } from './listener.js';
import { POSTGRES_LIMITS } from './limits.js';
import { StrangersRecord } from './strangers-record.js';
import { TokenKeyBook } from './token-key-book.js';
import { Turns } from './turns.js';

/** The ports of one connector, before anything is built on them. */
export interface Outside {
  readonly ledger: Ledger;
  readonly rpc: RpcClient;
  readonly clock: Clock;
  readonly control: ControlSource;
  readonly beacon: BeaconSource;
  readonly compiler: JudgeCompiler;
  readonly grants: AggregateStore<GrantState>;
  readonly objects: AggregateStore<ObjectState>;
  readonly acts: AggregateStore<PartyActs>;
  readonly budgets: AggregateStore<BudgetState>;
  readonly subjects: AggregateStore<SubjectsState>;
  /** A keyed hash of a subject, another one for each account; the same in every connector of the installation. */
  readonly subjectDigest: (account: string, subject: string) => string;
  readonly recording: RecordingWriter;
  readonly keys: ExchangeKeys;
  readonly seals: Seals;
  /** Puts keys of tokens to work. */
  readonly ringOf: (keys: ReleasedTokenKeys) => CipherBook;
  /** Which of this service's instances it is. */
  readonly instance: string;
  readonly newId: () => string;
  readonly random: (bytes: number) => Buffer;
  readonly logger: Log;
  /** Off when absent. */
  readonly tracing?: Tracing;
}

/** The running {@link Connector}, for those who are handed it. */
export const CONNECTOR = Symbol('CONNECTOR');
export const CONNECTOR_NAME = 'connector-postgres';
const PROTOCOL = 'postgres';

/** The connector as it runs: everything in it knows ports only. */
export class Connector {
  readonly ports: ConnectorPorts;
  readonly #listener: Listener;
  readonly #board: GrantBoard;
  readonly #strangers: StrangersRecord;

  constructor(outside: Outside, options: ListenerOptions) {
    const { clock, ledger, logger, grants, rpc, newId, tracing = noTracing } = outside;
    const onProblem = (problem: string): void => logger.warn('the connector has a problem', { problem });
    const watch = new ControlPlaneWatch({ ...outside, onProblem });
    const instance = newId();
    this.#board = new GrantBoard(grants, clock, onProblem);
    const parking = new Parking({ board: this.#board, watch, rpc, clock, newId, connector: CONNECTOR_NAME, instance, onProblem });
    this.ports = {
      ...outside, watch, tracing, connector: CONNECTOR_NAME, carrier: `${CONNECTOR_NAME}/${outside.instance}`,
      history: new CreationHistory(outside.objects),
      acts: new PartyActsBook(outside.acts),
      conducts: new ConductBook(() => clock.nowMs()),
      ciphers: new TokenKeyBook({ ...outside, connector: CONNECTOR_NAME, nowMs: () => clock.nowMs() }),
      slices: new Slices({ store: outside.budgets, clock, lessee: instance }),
      subjects: new SubjectLists({ store: outside.subjects, clock, lessee: instance, digest: outside.subjectDigest }),
      packer: new RecordingPacker(outside.recording),
      parking: { park: (session, verdict, waiting) => tracing.span('park', { command: verdict.command }, () => parking.park(session, verdict, waiting), tracing.placeOf(verdict.command)) },
      trailOf: ({ session, exchange, principal, target, sinceMs }) => (tracing.enabled ? new CommandTrail(tracing, { session, exchange, principal: principal.name, target: target.name }, sinceMs) : NO_TRAIL),
      book: new SessionBook(clock, watch),
      catalogs: new CatalogBook({ ledger, nowMs: () => clock.nowMs() }),
      cancels: new CancelBook(outside.random),
      interpreter: createInterpreter(),
      turns: new Turns(clock),
      recordViolation: (violation, session) => void this.#recordViolation({ ...violation, protocol: PROTOCOL }, session),
      recordRefused: ({ claimedUser = '', target = '', ...refused }) => this.#strangers.record(refused.clientAddress,
        draft('authentication.refused.v1', { ...refused, claimedUser: nameOrNothing(claimedUser), target: nameOrNothing(target), protocol: PROTOCOL })),
    };
    this.#strangers = new StrangersRecord({ clock, protocol: PROTOCOL, append: (one) => this.#record([one]) });
    this.#listener = new Listener(this.ports, options);
  }

  /** The port it listens on. @throws the system's error, e.g. EADDRINUSE. */
  listen(): Promise<number> {
    return this.#listener.listen();
  }

  /** Ends every session, each told why and recorded, and stops listening. */
  async close(): Promise<void> {
    const closing = this.#listener.close();
    const { book, watch, clock } = this.ports;
    book.endAll();
    for (let waitedMs = 0; book.size > 0 && waitedMs < POSTGRES_LIMITS.lingerMs; waitedMs += CLOSE_STEP_MS) await new Promise<void>((resolve) => void clock.after(CLOSE_STEP_MS, resolve));
    await closing;
    await this.#strangers.close();
    await this.ports.slices.giveBack();
    book.close();
    this.#board.close();
    watch.close();
  }

  #recordViolation(violation: EventData<'protocol.violation.v1'>, session: string | undefined): Promise<string | undefined> {
    if (session !== undefined) return this.#record([draft('protocol.violation.v1', violation, { session })]);
    return this.#strangers.record(violation.clientAddress, draft('protocol.violation.v1', violation));
  }

  /** The id of the first event. What could not be recorded is logged, whatever the reason: whoever was refused stays refused. */
  async #record(drafts: readonly EventDraft[]): Promise<string | undefined> {
    try {
      return (await this.ports.ledger.append(drafts)).ids[0];
    } catch (fault) {
      this.ports.logger.warn('a refusal could not be recorded', { types: drafts.map(({ type }) => type), ...(fault instanceof LedgerUnavailable ? {} : { error: fault }) });
      return undefined;
    }
  }
}

const CLOSE_STEP_MS = 25;
