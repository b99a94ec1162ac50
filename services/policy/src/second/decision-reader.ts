import { decodeBatch, signedText, type SealedRecord, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import { EVENTS, type EventData } from '@interlock/contracts';
import type { EventOpener, RevealedKeys } from '@interlock/adapter-sealing';
import type { OpenSessions } from './open-sessions.js';
import type { Recorded, Undecidable } from './recorded.js';

const SUBJECT = /^ledger\.(connector-[^.]+)\.([^.]+)$/;
const DECIDED = 'command.decided.v1';
const READ = new Set(['session.opened.v1', DECIDED]);

/** Finds the decisions in batches of the ledger, in order, and who each was about. */
export class DecisionReader {
  constructor(private readonly keys: Pick<RevealedKeys<EventOpener>, 'of'>, private readonly verify: VerifyProducer, readonly sessions: OpenSessions) {}

  /**
   * The decisions in the next batch; none in one that is no connector's. With `isBefore` only who sessions are of is read, and no decision.
   *
   * @throws KeysUnavailable, after which the batch can be read again.
   */
  async read(stored: StoredBatch, isBefore = false): Promise<readonly Recorded[]> {
    const [, service, instance] = SUBJECT.exec(stored.subject ?? '') ?? [];
    if (!service) return [];
    const about = { sequence: stored.sequence, connector: `${service}/${instance}` };
    const batch = decodeBatch(stored.bytes);
    if (!batch.ok) return [{ kind: 'undecidable', ...about, event: '', reason: 'batch_malformed', detail: batch.refusal.detail }];
    const { header, records } = batch.value;
    if (header.producer !== service || !this.verify(header.producer, signedText(header), header.signature)) {
      return [{ kind: 'undecidable', ...about, event: '', reason: 'signature_wrong', detail: `The batch is not signed by ${service}.` }];
    }
    const read = isBefore ? records.filter(({ metadata }) => metadata.type !== DECIDED) : records;
    const openers = await this.keys.of(new Set(read.filter(({ metadata }) => READ.has(metadata.type)).map(({ metadata }) => metadata.keyid)));
    return read.flatMap((record) => this.#recordedIn(record, { ...about, storedAtMs: stored.storedAtMs, run: header.instance }, openers) ?? []);
  }

  #recordedIn(record: SealedRecord, about: About, openers: ReadonlyMap<string, EventOpener>): Recorded | undefined {
    const { type, session = '' } = record.metadata;
    switch (type) {
      case 'service.started.v1':
        return void this.sessions.closeOlder(about.connector, about.run);
      case 'session.closed.v1':
        return void this.sessions.close(about.connector, session);
      case 'session.opened.v1': {
        const opened = payloadOf('session.opened.v1', record, openers);
        if (typeof opened === 'object') this.sessions.open(about.connector, session, { principal: opened.principal, target: opened.target, run: about.run });
        return undefined;
      }
      case 'command.decided.v1':
        return this.#decision(record, about, payloadOf('command.decided.v1', record, openers));
      default:
        return undefined;
    }
  }

  #decision({ metadata }: SealedRecord, { sequence, connector, storedAtMs }: About, data: EventData<'command.decided.v1'> | Unread): Recorded {
    const { id: event, session = '', command = '', time: at } = metadata;
    const place = { event, sequence, connector };
    if (typeof data === 'string') return { kind: 'undecidable', ...place, reason: data, detail: UNREAD[data] };
    const open = this.sessions.get(connector, session);
    if (!open) return { kind: 'undecidable', ...place, reason: 'session_unknown', detail: `Who session ${session} is of cannot be read in its opening.` };
    return { kind: 'decision', ...place, session, command, at, storedAtMs, principal: open.principal, target: open.target, data };
  }
}

interface About {
  readonly sequence: number;
  readonly connector: string;
  readonly storedAtMs: number | undefined;
  readonly run: string;
}

type Unread = Extract<Undecidable['reason'], 'key_unknown' | 'event_malformed'>;

const UNREAD: Readonly<Record<Unread, string>> = {
  key_unknown: 'The recorder has no key for it.',
  event_malformed: 'Its payload is none that this version knows.',
};

function payloadOf<T extends 'session.opened.v1' | 'command.decided.v1'>(type: T, { metadata, ciphertext }: SealedRecord, openers: ReadonlyMap<string, EventOpener>): EventData<T> | Unread {
  const opener = openers.get(metadata.keyid);
  if (!opener) return 'key_unknown';
  try {
    const parsed = EVENTS[type].safeParse(JSON.parse(opener(metadata.keyoffset, ciphertext).toString('utf8')));
    return parsed.success ? (parsed.data as EventData<T>) : 'event_malformed';
  } catch {
    return 'event_malformed';
  }
}
