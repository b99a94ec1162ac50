import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { nestLogger } from './nest-logger.js';
import { FaultFilter, type RpcStrategy } from './rpc-strategy.js';

/** Makes the Nest application and serves its requests. `onOpened` learns how to close it before anything of it runs. */
export async function openApplication(root: DynamicModule, strategy: RpcStrategy, onOpened: (close: () => Promise<void>) => void): Promise<INestApplicationContext> {
  const app = await NestFactory.createMicroservice(root, { logger: nestLogger, abortOnError: false, strategy });
  onOpened(() => app.close());
  app.useGlobalFilters(new FaultFilter());
  await app.listen();
  return app;
}
