import { jetstreamManager, RetentionPolicy, StorageType, DiscardPolicy, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { LIMITS } from '@interlock/kernel';

const GIB = 1024 ** 3;
const MESSAGE_BYTES = 1024 * 1024;
/** A publisher's retries fall within this time; more would only cost the server memory. */
const DUPLICATE_WINDOW_NS = 30_000_000_000;

interface StreamPlan {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxBytes: number;
  readonly maxMessageBytes: number;
  /** Older messages of a subject are let go of beyond this; all are kept when absent. */
  readonly maxPerSubject?: number;
}

/**
 * The streams of the house. `ledger` and `recording` bound what one epoch may hold. Of the others GRANTS grows with every step of every approval: approval
 * bounds how much one requester adds, and retiring the stream is an operator step. OBJECTS grows by three short messages with every object that agents create
 * while rules read histories; full, it refuses claims, and nothing more is created until an operator makes room. ACTS and BUDGETS
 * keep the last states of each subject, of which only the newest is read: more than an append could need to find itself (some 2 MiB at most for an account of subjects); CHAT does so for each message to a chat. CHANGES, CONTROL, SECRETS and TOKENS grow with what administrators do.
 */
function plans(sizes: StreamSizes): readonly StreamPlan[] {
  return [
    { name: 'LEDGER', subjects: ['ledger.*.*'], maxBytes: sizes.ledgerBytes, maxMessageBytes: MESSAGE_BYTES },
    { name: 'RECORDING', subjects: ['recording.*'], maxBytes: sizes.recordingBytes, maxMessageBytes: 2 * LIMITS.recordingChunkBytes },
    { name: 'GRANTS', subjects: ['grants.>'], maxBytes: GIB, maxMessageBytes: MESSAGE_BYTES },
    { name: 'OBJECTS', subjects: ['objects.>'], maxBytes: 4 * GIB, maxMessageBytes: MESSAGE_BYTES / 16 },
    { name: 'ACTS', subjects: ['acts.>'], maxBytes: GIB, maxMessageBytes: MESSAGE_BYTES / 16, maxPerSubject: 64 },
    { name: 'BUDGETS', subjects: ['budgets.>'], maxBytes: GIB, maxMessageBytes: MESSAGE_BYTES / 16, maxPerSubject: 64 },
    { name: 'CHANGES', subjects: ['changes.>'], maxBytes: GIB, maxMessageBytes: MESSAGE_BYTES },
    { name: 'CHAT', subjects: ['chat.>'], maxBytes: GIB / 4, maxMessageBytes: MESSAGE_BYTES / 16, maxPerSubject: 8 },
    { name: 'CONTROL', subjects: ['control.>'], maxBytes: GIB, maxMessageBytes: MESSAGE_BYTES },
    { name: 'SECRETS', subjects: ['secrets.>'], maxBytes: GIB / 4, maxMessageBytes: MESSAGE_BYTES },
    { name: 'TOKENS', subjects: ['tokens.>'], maxBytes: GIB / 4, maxMessageBytes: MESSAGE_BYTES },
  ];
}

export interface StreamSizes {
  /** A full stream refuses appends, so the gateway closes; it never forgets. */
  readonly ledgerBytes: number;
  readonly recordingBytes: number;
}

export const DEFAULT_SIZES: StreamSizes = { ledgerBytes: 64 * GIB, recordingBytes: 128 * GIB };

/**
 * Creates the streams that are missing, over the operator's own connection. A stream that exists is left as it is: no
 * start may shrink, cut or replace history. Returns the names it created.
 *
 * @throws when the bus refuses, or an existing stream lacks a setting that a promise rests on.
 */
export async function createStreams(operator: NatsConnection, sizes: StreamSizes = DEFAULT_SIZES): Promise<readonly string[]> {
  const manager = await jetstreamManager(operator);
  const existing = new Map((await manager.streams.list().next()).map((info) => [info.config.name, info.config]));
  const created: string[] = [];
  for (const plan of plans(sizes)) {
    const found = existing.get(plan.name);
    if (found) requireProtected(found);
    else created.push((await manager.streams.add(configOf(plan))).config.name);
  }
  return created;
}

function configOf(plan: StreamPlan): Partial<StreamConfig> & { readonly name: string } {
  return {
    name: plan.name,
    subjects: [...plan.subjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: plan.maxBytes,
    max_msg_size: plan.maxMessageBytes,
    ...(plan.maxPerSubject === undefined ? {} : { max_msgs_per_subject: plan.maxPerSubject }),
    duplicate_window: DUPLICATE_WINDOW_NS,
    num_replicas: 1,
    allow_direct: true,
    deny_delete: true,
    deny_purge: true,
  };
}

function requireProtected(config: StreamConfig): void {
  const lacking = [
    ...(config.storage === StorageType.File ? [] : ['file storage']), ...(config.deny_delete ? [] : ['deny_delete']),
    ...(config.deny_purge ? [] : ['deny_purge']), ...(config.discard === DiscardPolicy.New ? [] : ['discard: new']), ...(config.allow_direct ? [] : ['allow_direct']),
  ];
  if (lacking.length > 0) throw new Error(`Stream ${config.name} exists without ${lacking.join(', ')}. It was not made by the operator step; archive it and let the step make it anew.`);
}
