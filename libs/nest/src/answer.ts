import { randomUUID } from 'node:crypto';
import { LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import { RPC, RpcRefusal, type RpcName } from '@interlock/contracts';
import { BusUnavailable } from '@interlock/adapter-jetstream';
import type { Logger } from './logger.js';
import { rpcSubject } from './rpc.js';

/** What Nest calls for one subject. */
export type Handle = (request: unknown) => Promise<unknown>;

/** The contract's name behind a subject, or undefined when no contract has it. */
export function rpcNameOf(subject: string): RpcName | undefined {
  return (Object.keys(RPC) as RpcName[]).find((name) => rpcSubject(name) === subject);
}

/**
 * The whole way from the bytes of a request to the bytes of its reply: read, checked against the contract, handled, the
 * answer checked against the contract. A refusal is an answer; a fault becomes the refusal `internal_fault` with an
 * identifier that the log explains.
 */
export async function answer(name: RpcName, bytes: Uint8Array, handle: Handle, logger: Logger): Promise<Outcome<unknown>> {
  const request = readRequest(name, bytes);
  if (!request.ok) return request;
  try {
    return checkAnswer(name, await handle(request.value));
  } catch (fault) {
    return refusedByFault(name, fault, logger);
  }
}

function readRequest(name: RpcName, bytes: Uint8Array): Outcome<unknown> {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return refused('request_malformed', `The request ${name} is not JSON.`);
  }
  const parsed = RPC[name].request.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const places = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'the request'} (${issue.code})`);
  return refused('request_invalid', `The request ${name} does not keep its contract: ${places.join(', ')}.`);
}

function checkAnswer(name: RpcName, given: unknown): Outcome<unknown> {
  const outcome = given as Outcome<unknown> | undefined;
  if (typeof outcome !== 'object' || typeof outcome.ok !== 'boolean') throw new TypeError(`the handler of ${name} did not return an outcome`);
  if (!outcome.ok) return { ok: false, refusal: RpcRefusal.parse(outcome.refusal) as never };
  return { ok: true, value: RPC[name].response.parse(outcome.value) };
}

function refusedByFault(name: RpcName, fault: unknown, logger: Logger): Outcome<unknown> {
  if (fault instanceof LedgerUnavailable) {
    // Handlers record before they act; one that stores first answers for itself.
    logger.warn('the ledger gave no acknowledgement', { rpc: name, reason: fault.message });
    return refused('ledger_unavailable', 'The ledger did not acknowledge in time, so nothing was done.', { hint: 'Try again.', retryable: true });
  }
  if (fault instanceof BusUnavailable) {
    logger.warn('the bus did not answer', { rpc: name, reason: fault.message });
    return refused('unavailable', `The bus did not answer while ${name} was at work.`, { hint: 'Try again.', retryable: true });
  }
  const id = randomUUID();
  logger.error('a request met a fault', { rpc: name, fault: id, error: fault });
  return refused('internal_fault', `The request ${name} met the fault ${id}.`, { hint: 'The log of the service explains the fault of this id.' });
}
