import { MessagePattern } from '@nestjs/microservices';
import type { Outcome } from '@interlock/kernel';
import type { RPC, RpcName, RpcResponse } from '@interlock/contracts';
import type { z } from 'zod';

/** A request as its handler receives it: validated, defaults filled in. */
export type RpcParsed<N extends RpcName> = z.output<(typeof RPC)[N]['request']>;
/** What a handler gives back: the value, or a refusal with a named reason. A throw is a fault. */
export type RpcAnswer<N extends RpcName> = Outcome<RpcResponse<N>>;
export type RpcHandler<N extends RpcName> = (request: RpcParsed<N>) => Promise<RpcAnswer<N>> | RpcAnswer<N>;

/** The bus subject of a request. */
export function rpcSubject(name: string): string {
  return `rpc.${name}`;
}

/**
 * Marks a method of a `@Controller()` as the handler of one request between services. The method's types are checked
 * against the contract. Handlers are idempotent: a caller that heard nothing asks again.
 */
export function Rpc<N extends RpcName>(name: N) {
  return <Handler extends RpcHandler<N>>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Handler>): void => {
    MessagePattern(rpcSubject(name))(target, key, descriptor as PropertyDescriptor);
  };
}
