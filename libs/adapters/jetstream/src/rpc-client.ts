import { setTimeout as pause } from 'node:timers/promises';
import { headers } from '@nats-io/nats-core';
import { accepted, LIMITS, refused, type Outcome } from '@interlock/kernel';
import { RPC, RpcRefusal, type RpcClient, type RpcName, type RpcRequest, type RpcResponse } from '@interlock/contracts';
import type { Bus } from './bus.js';
import { busRequest } from './bus-request.js';

export interface RpcClientOptions {
  /** Adds trace headers: called with a setter for every request. */
  readonly inject?: (set: (header: string, value: string) => void) => void;
}

/** A service that restarts is asked again after this time, as long as the caller has time. */
const UNSERVED_AGAIN_MS = 100;

/**
 * Asks other services over the bus.
 *
 * The wire form, for both ends: subject `rpc.<service>.<verb>`, payload the request as JSON with nothing around it, trace
 * context in NATS headers (`traceparent`, `tracestate`). The reply is the JSON of an Outcome: `{ "ok": true, "value": ... }` or
 * `{ "ok": false, "refusal": ... }`.
 *
 * @throws TypeError when the request itself does not fit its contract: that is a fault of the caller.
 */
export class NatsRpcClient implements RpcClient {
  readonly #bus: Bus;
  readonly #options: RpcClientOptions;

  constructor(bus: Bus, options: RpcClientOptions = {}) {
    this.#bus = bus;
    this.#options = options;
  }

  async call<N extends RpcName>(name: N, request: RpcRequest<N>, options: { readonly timeoutMs?: number } = {}): Promise<Outcome<RpcResponse<N>>> {
    const parsed = RPC[name].request.safeParse(request);
    if (!parsed.success) throw new TypeError(`The request ${name} does not fit its contract: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}.`);
    const answer = await this.#ask(name, JSON.stringify(parsed.data), options.timeoutMs ?? LIMITS.rpcMs);
    return answer === undefined ? unavailable(name) : outcomeOf(name, answer);
  }

  /** Only a request that reached nobody is repeated here; whether to repeat one without an answer is the caller's to say. */
  async #ask(name: RpcName, payload: string, timeoutMs: number): Promise<string | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (let left = timeoutMs; left > 0; left = deadline - performance.now()) {
      if (!(await this.#bus.whenConnected(left))) return undefined;
      const result = await busRequest(this.#bus, `rpc.${name}`, payload, deadline - performance.now(), this.#headers());
      if (result.kind === 'answered') return result.message.string();
      if (result.kind === 'unanswered') return undefined;
      await pause(UNSERVED_AGAIN_MS);
    }
    return undefined;
  }

  #headers() {
    if (!this.#options.inject) return undefined;
    const made = headers();
    this.#options.inject((header, value) => made.set(header, value));
    return made;
  }
}

function unavailable(name: RpcName) {
  return refused('unavailable', `${name} did not answer.`, { retryable: true, hint: 'Try again; if it lasts, look at the health of that service.' });
}

function outcomeOf<N extends RpcName>(name: N, text: string): Outcome<RpcResponse<N>> {
  const answer = json(text);
  if (answer['ok'] === true) {
    const value = RPC[name].response.safeParse(answer['value']);
    return value.success ? accepted(value.data as RpcResponse<N>) : malformed(name);
  }
  const refusal = RpcRefusal.safeParse(answer['refusal']);
  if (!refusal.success) return malformed(name);
  const { reason, detail, rule, hint, retryable } = refusal.data;
  return refused(reason, detail, { ...(rule === undefined ? {} : { rule }), ...(hint === undefined ? {} : { hint }), ...(retryable === undefined ? {} : { retryable }) });
}

function malformed(name: RpcName) {
  return refused('malformed_answer', `The answer to ${name} does not fit its contract.`, { hint: 'The two services may be of different versions.' });
}

function json(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
