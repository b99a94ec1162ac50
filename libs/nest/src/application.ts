import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { nestLogger } from './nest-logger.js';
import { FaultFilter, type RpcStrategy } from './rpc-strategy.js';

/** Where a service listens for HTTP. */
export interface HttpDoor {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Options of the Fastify server, e.g. `bodyLimit`. */
  readonly fastify?: ConstructorParameters<typeof FastifyAdapter>[0];
  /** Last words before it listens: filters, hooks, routes of its own. */
  readonly prepare?: (app: NestFastifyApplication) => Promise<void> | void;
}

const OPTIONS = { logger: nestLogger, abortOnError: false } as const;

/** Makes the Nest application, serves its requests and, where there is a door, HTTP. `onOpened` learns how to close it first. */
export async function openApplication(
  root: DynamicModule,
  strategy: RpcStrategy,
  door: HttpDoor | undefined,
  onOpened: (close: () => Promise<void>) => void,
): Promise<INestApplicationContext> {
  if (door) return openWithHttp(root, strategy, door, onOpened);
  const app = await NestFactory.createMicroservice(root, { ...OPTIONS, strategy });
  onOpened(() => app.close());
  app.useGlobalFilters(new FaultFilter());
  await app.listen();
  return app;
}

async function openWithHttp(root: DynamicModule, strategy: RpcStrategy, door: HttpDoor, onOpened: (close: () => Promise<void>) => void): Promise<INestApplicationContext> {
  const { FastifyAdapter: Adapter } = await import('@nestjs/platform-fastify');
  const app = await NestFactory.create<NestFastifyApplication>(root, new Adapter(door.fastify), OPTIONS);
  onOpened(() => app.close());
  app.connectMicroservice({ strategy }).useGlobalFilters(new FaultFilter());
  await door.prepare?.(app);
  await app.startAllMicroservices();
  await app.listen(door.port, door.host);
  return app;
}
