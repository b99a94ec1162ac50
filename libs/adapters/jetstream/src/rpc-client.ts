import { refused, type Outcome } from '@interlock/kernel';
import type { RpcClient, RpcName, RpcRequest, RpcResponse } from '@interlock/contracts';
import type { Bus } from './bus.js';

/**
 * The wire form of a request between services, for both ends: subject `rpc.<service>.<verb>`, payload the request as JSON
 * (nothing around it), trace context in NATS headers (`traceparent`, `tracestate`). The reply is the JSON of an Outcome:
 * `{ "ok": true, "value": ... }` or `{ "ok": false, "refusal": ... }`. A handler's fault is the refusal `fault`.
 */
export interface RpcClientOptions {
  /** Adds trace headers: called with a setter for every request. */
  readonly inject?: (set: (header: string, value: string) => void) => void;
}

export class NatsRpcClient implements RpcClient {
  constructor(readonly bus: Bus, readonly options: RpcClientOptions = {}) {}
  call<N extends RpcName>(name: N, _request: RpcRequest<N>, _options?: { readonly timeoutMs?: number }): Promise<Outcome<RpcResponse<N>>> {
    return Promise.resolve(refused('unavailable', `${name} is not reachable.`, { retryable: true }));
  }
}
