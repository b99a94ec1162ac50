import { Catch, type ExceptionFilter } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { refused, type Outcome } from '@interlock/kernel';
import type { RpcName } from '@interlock/contracts';
import type { HeaderCarrier, Tracing } from '@interlock/adapter-telemetry';
import { lastValueFrom, throwError, type Observable } from 'rxjs';
import { answer, rpcNameOf, type Handle } from './answer.js';
import { Limiter } from './limiter.js';
import type { Logger } from './logger.js';

/** One request as it came over the bus. */
export interface BusRequest {
  readonly data: Uint8Array;
  readonly headers: HeaderCarrier;
}

/** What the strategy needs of the bus: serve one subject as a member of a queue group until stopped. */
export interface RequestBus {
  serve(subject: string, queue: string, respond: (request: BusRequest) => Promise<Uint8Array>): { stop(): Promise<void> };
}

/** Requests that one service works on at once, and those that may wait; a further one is refused as `busy`. */
export const RPC_LIMITS = { atOnce: 64, inLine: 1_024 } as const;

/** Nest's transport of a service: its own connection, one queue group, contracts checked on both ways. */
export class RpcStrategy extends Server implements CustomTransportStrategy {
  readonly #limiter = new Limiter(RPC_LIMITS.atOnce, RPC_LIMITS.inLine);
  #served: { stop(): Promise<void> }[] = [];

  constructor(
    private readonly service: string,
    private readonly bus: RequestBus,
    private readonly log: Logger,
    private readonly tracing: Tracing,
  ) {
    super();
  }

  listen(callback: (fault?: unknown) => void): void {
    try {
      for (const subject of this.messageHandlers.keys()) this.#served.push(this.#serve(subject));
      callback();
    } catch (fault) {
      callback(fault);
    }
  }

  /** Takes no new request and waits for those at work. */
  async close(): Promise<void> {
    const served = this.#served;
    this.#served = [];
    await Promise.all(served.map((one) => one.stop()));
    await this.#limiter.idle();
  }

  on(): never {
    throw new Error('this transport has no events');
  }

  unwrap<T>(): T {
    return this.bus as T;
  }

  #serve(subject: string) {
    const name = rpcNameOf(subject);
    if (!name) throw new Error(`no contract has the subject ${subject}`);
    const handle: Handle = async (request) => lastValueFrom(this.transformToObservable(await this.messageHandlers.get(subject)!(request)) as Observable<unknown>);
    return this.bus.serve(subject, this.service, (request) => this.#respond(name, request, handle));
  }

  async #respond(name: RpcName, request: BusRequest, handle: Handle): Promise<Uint8Array> {
    if (!this.#limiter.hasPlace) return encode(refused('busy', `The service ${this.service} has too many requests at work.`, { hint: 'Try again.', retryable: true }));
    const work = () => answer(name, request.data, handle, this.log);
    return encode(await this.#limiter.run(() => this.tracing.span(`rpc ${name}`, { rpc: name }, work, this.tracing.extract(request.headers))));
  }
}

function encode(outcome: Outcome<unknown>): Uint8Array {
  return Buffer.from(JSON.stringify(outcome));
}

/** Nest would turn a fault into a text of its own; it is handed on as it is, so that the strategy can log and name it. */
@Catch()
export class FaultFilter implements ExceptionFilter {
  catch(fault: unknown): Observable<never> {
    return throwError(() => fault);
  }
}
