import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP road to a port of this machine that loses what it is told to lose. */
export class FaultyRoad {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #losingAnswers = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<FaultyRoad> {
    const server = createServer();
    const road = new FaultyRoad(server);
    server.on('connection', (client) => road.#join(client, createConnection({ port, host: '127.0.0.1' })));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return road;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on what the server says does not arrive; what the client says does. */
  loseAnswers(lose: boolean): void {
    this.#losingAnswers = lose;
  }

  /** Breaks every connection; new ones are accepted. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    client.on('data', (chunk: Buffer) => server.write(chunk));
    server.on('data', (chunk: Buffer) => this.#losingAnswers || client.write(chunk));
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
  }
}
