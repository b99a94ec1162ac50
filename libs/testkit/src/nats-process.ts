import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureNatsServer } from '@interlock/deploy-local';

const READY_MS = 20_000;
const STOP_MS = 5_000;
const TOOLS = fileURLToPath(new URL('../../../.interlock/tools', import.meta.url));

/** INTERLOCK_NATS_SERVER, else what the installation itself would run: the one on PATH, else Debian's in the state folder. */
export function natsServerProgram(): Promise<string> {
  const given = process.env['INTERLOCK_NATS_SERVER'];
  return given ? Promise.resolve(given) : ensureNatsServer(TOOLS, { path: process.env['PATH'] ?? '' });
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** One nats-server process that can be killed, frozen and started again over the same folder. */
export class NatsProcess {
  readonly #configFile: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(configFile: string, port: number) {
    this.#configFile = configFile;
    this.#port = port;
  }

  /** Resolves when it accepts connections. */
  async start(): Promise<void> {
    const child = spawn(await natsServerProgram(), ['-c', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString('utf8')).slice(-4_000)));
    const deadline = performance.now() + READY_MS;
    while (!(await accepts(this.#port))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`nats-server did not start: ${this.#said}`);
      await pause(25);
    }
  }

  /** Resolves when every thread stands still, which is later than the signal. */
  async freeze(): Promise<void> {
    const child = this.#child;
    if (!child?.pid) return;
    child.kill('SIGSTOP');
    const deadline = performance.now() + STOP_MS;
    while (!/\) T /.test(await readFile(`/proc/${child.pid}/stat`, 'utf8'))) {
      if (performance.now() > deadline) throw new Error('nats-server did not stop');
      await pause(5);
    }
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGKILL by default: no chance to write anything. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
