import type { Ledger, Outcome } from '@interlock/kernel';
import type { EventData, RpcClient, SealedBox } from '@interlock/contracts';
import type { Tracing } from '@interlock/adapter-telemetry';
import type { Clock, ConductBook, ControlPlaneWatch, CreationHistory, ExchangeKeys, Parking, PartyActsBook, RecordingPacker, SessionBook, Slices, SubjectLists, Trail } from '@interlock/gateway';
import type { Interpreter } from '@interlock/language-postgres';
import type { Admission } from './authenticate.js';
import type { CancelBook } from './cancel.js';
import type { CatalogBook } from './catalog.js';
import type { AskedCiphers } from './token-key-book.js';
import type { Turns } from './turns.js';

/** Closes words for one service, and opens what was closed for this one. */
export interface Seals {
  seal(service: string, purpose: string, bytes: Uint8Array): SealedBox;
  open(box: SealedBox, purpose: string): Outcome<Buffer>;
}

/** Lines about the connector itself; identifiers only. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Everything of the outside that a connection needs. */
export interface ConnectorPorts {
  readonly ledger: Ledger;
  readonly rpc: RpcClient;
  readonly clock: Clock;
  readonly watch: ControlPlaneWatch;
  readonly packer: RecordingPacker;
  readonly parking: Pick<Parking, 'park'>;
  readonly history: CreationHistory;
  readonly acts: PartyActsBook;
  readonly conducts: ConductBook;
  readonly slices: Slices;
  readonly subjects: SubjectLists;
  readonly keys: ExchangeKeys;
  readonly ciphers: AskedCiphers;
  readonly seals: Seals;
  readonly book: SessionBook;
  readonly catalogs: CatalogBook;
  readonly cancels: CancelBook;
  readonly interpreter: Interpreter;
  readonly turns: Turns;
  readonly newId: () => string;
  /** Unguessable bytes. */
  readonly random: (bytes: number) => Buffer;
  readonly logger: Log;
  readonly tracing: Tracing;
  /** Follows the commands of a session that is about to begin. */
  readonly trailOf: (admission: Admission) => Trail;
  /** This service's name, as trust.json knows it; every instance has it. */
  readonly connector: string;
  /** `<connector>/<instance>`, as locks name it. */
  readonly carrier: string;
  readonly instance: string;
  /** Records a breach of the protocol; never rejects. */
  readonly recordViolation: (violation: Omit<EventData<'protocol.violation.v1'>, 'protocol'>, session?: string) => void;
  /** Records that someone was not let in; never rejects. Gives the event's id, where one was recorded. */
  readonly recordRefused: (refused: Omit<EventData<'authentication.refused.v1'>, 'protocol'>) => Promise<string | undefined>;
}
