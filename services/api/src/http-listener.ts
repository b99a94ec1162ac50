import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, LOGGER, type Logger } from '@interlock/nest';
import type { FastifyInstance } from 'fastify';
import { createDoor, type DoorPorts } from './door.js';
import type { ApiSettings } from './settings.js';

export const DOOR_PORTS = Symbol('DOOR_PORTS');

/** Listens while the service runs. */
@Injectable()
export class HttpListener implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #door: FastifyInstance;

  constructor(@Inject(DOOR_PORTS) ports: DoorPorts, @Inject(CONFIG) private readonly settings: ApiSettings, @Inject(LOGGER) private readonly logger: Logger) {
    this.#door = createDoor(ports);
  }

  async onApplicationBootstrap(): Promise<void> {
    const address = await this.#door.listen({ host: this.settings.INTERLOCK_API_HOST, port: this.settings.INTERLOCK_API_PORT });
    this.logger.info('the door is open', { address });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#door.close();
  }
}
