import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseAccount, ensureBenchPrograms, ensureLocalTls, PROBE_ROLE, STANDING_ROLE } from '@interlock/deploy-local';
import { freePorts } from '../../e2e/system/free-ports.js';
import { makeFolder, startInstallation, stopInstallation, type Place } from '../../e2e/system/installation.js';
import { bareLogin } from '../../e2e/system/server.js';
import { CHECKOUT } from '../../e2e/system/tools.js';
import { BENCH_DATABASE, makeBenchDatabase, type Server } from './bench-database.js';
import { drainSeconds, interlockRoad, protectBench, unsync } from './interlock-road.js';
import { runMatrix, type Cell, type Measurable } from './matrix.js';
import { selectMillion, type MillionRows } from './million.js';
import { readOptions, type Options } from './options.js';
import { startPgbouncer, type RunningPgbouncer } from './pgbouncer.js';
import { memoryMb } from './process-cost.js';
import { report, type Memory, type Results } from './report.js';
import { measureSyncedAck } from './synced-ack.js';
import { programVersions } from './versions.js';

/** The whole bench, top to bottom. Answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const begun = performance.now();
  const tell = (line: string): void => console.error(`[${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s] ${line}`);
  const folder = makeFolder('bench');
  const bench = new Bench(options, folder, tell);
  try {
    const text = report(await bench.run());
    console.log(text);
    if (options.write) writeReport(text);
    return 0;
  } finally {
    await bench.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeReport(text: string): void {
  const docs = join(CHECKOUT, 'docs');
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, 'benchmarks.md'), text);
}

class Bench {
  #peer: RunningPgbouncer | undefined;
  #place: Place | undefined;

  constructor(private readonly options: Options, private readonly folder: string, private readonly tell: (line: string) => void) {}

  async run(): Promise<Results> {
    const { seconds } = this.options;
    const { pgbench, pgbouncer, natsServer } = await ensureBenchPrograms(CHECKOUT, process.env, this.tell);
    const server = await this.#server();
    this.tell('filling a million accounts');
    await makeBenchDatabase(pgbench, server, this.#place && { standing: STANDING_ROLE, probe: PROBE_ROLE });
    if (this.#place) await protectBench(this.#place);
    const roads = await this.#roads(server, pgbouncer);
    const own = roads.filter(({ road }) => road.name === 'interlock');
    const [ackPort = 0] = await freePorts(1);
    const matrix = { pgbench, seconds, folder: this.folder, tell: this.tell };
    const ack = await measureSyncedAck(natsServer, this.folder, ackPort);
    this.tell(`a synced acknowledgement takes ${ack.p50Ms.toFixed(2)} ms`);
    const cells: Cell[] = await runMatrix(roads, matrix);
    const drained = this.#place && (await drainSeconds(this.#place));
    const million: MillionRows[] = [];
    for (const road of roads) million.push(await selectMillion(pgbench, road, this.folder));
    this.tell(`a million rows: ${million.map((one) => `${one.road} ${one.seconds.toFixed(2)} s`).join(', ')}`);
    const memory = roads.flatMap(memoryOf);
    if (own.length > 0 && !this.options.syncedOnly) cells.push(...(await this.#unsynced(matrix)));
    return { seconds, versions: await programVersions(pgbench, pgbouncer, natsServer, server), ack, cells, million, memory, drainSeconds: drained };
  }

  async stop(): Promise<void> {
    await this.#peer?.stop();
    if (this.#place) await stopInstallation(this.#place).catch((fault: unknown) => this.tell(String(fault)));
  }

  async #server(): Promise<Server> {
    const { peersOf } = this.options;
    if (peersOf) return { host: peersOf.hostname, port: Number(peersOf.port), user: decodeURIComponent(peersOf.username), password: decodeURIComponent(peersOf.password) };
    this.tell('starting Interlock with its demonstration target');
    this.#place = await startInstallation(this.folder, process.pid);
    return bareLogin(this.#place, 'superuser');
  }

  async #roads(server: Server, pgbouncer: string): Promise<Measurable[]> {
    const [port = 0] = await freePorts(1);
    const login = this.#place ? bareLogin(this.#place, 'standing') : server;
    const tls = await ensureLocalTls(join(this.folder, 'pgbouncer-tls'));
    const account = await databaseAccount(this.tell);
    const peer = await startPgbouncer(pgbouncer, { folder: this.folder, port, database: BENCH_DATABASE, target: login, tls, account });
    this.#peer = peer;
    const password = async (): Promise<string> => login.password;
    return [
      { road: { name: 'direct', ...login, password, database: BENCH_DATABASE }, processes: () => ({}) },
      { road: { name: 'pgbouncer', ...login, port, password, database: BENCH_DATABASE }, processes: () => ({ pgbouncer: peer.pid }) },
      ...(this.#place ? [interlockRoad(this.#place, 'interlock')] : []),
    ];
  }

  async #unsynced(matrix: Parameters<typeof runMatrix>[1]): Promise<Cell[]> {
    const place = this.#place!;
    this.tell('the same on an unsynced bus');
    await unsync(place);
    return runMatrix([interlockRoad(place, 'interlock, unsynced')], matrix);
  }
}

function memoryOf({ processes }: Measurable): Memory[] {
  return Object.entries(processes()).map(([process, pid]) => {
    const { now, highest } = memoryMb(pid);
    return { process, nowMb: now, highestMb: highest };
  });
}
