import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { TestTarget } from './target.js';
import { WireClient } from './wire-client.js';
import { World, type WorldOptions } from './world.js';

/** One target and one world for all tests of a file. */
export interface Setting {
  readonly target: TestTarget;
  readonly world: World;
  /** An application's client, over TLS. */
  client(name: string, database: string, more?: pg.ClientConfig): pg.Client;
  as<T>(name: string, database: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  wire(name: string, database: string, more?: Readonly<Record<string, string>>): Promise<WireClient>;
}

export function setUp(options: WorldOptions = {}, prepare: (target: TestTarget) => Promise<unknown> = () => Promise.resolve()): Setting {
  const setting: { target: TestTarget; world: World } & Omit<Setting, 'target' | 'world'> = {
    target: undefined as unknown as TestTarget,
    world: undefined as unknown as World,
    client(name, database, more = {}) {
      const ssl = { ca: setting.target.tls.authority, servername: 'localhost' };
      const made = new pg.Client({ host: '127.0.0.1', port: setting.world.port, user: name, password: setting.world.token(name), database, ssl, ...more });
      made.on('error', () => undefined);
      return made;
    },
    async as(name, database, work) {
      const one = setting.client(name, database);
      await one.connect();
      try {
        return await work(one);
      } finally {
        await one.end();
      }
    },
    wire: (name, database, more) => WireClient.enter(setting.world.port, name, database, setting.world.token(name), more),
  };
  beforeAll(async () => {
    setting.target = await TestTarget.start();
    await prepare(setting.target);
    setting.world = await World.start(setting.target, options);
  });
  afterAll(async () => {
    await setting.world?.stop();
    await setting.target?.stop();
  });
  beforeEach(() => setting.world.forget());
  return setting;
}
