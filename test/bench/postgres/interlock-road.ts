import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { changeConfiguration, likeShop, setSecret } from '../../e2e/system/configuration.js';
import { eventually } from '../../e2e/system/eventually.js';
import { processesOf, type Place } from '../../e2e/system/installation.js';
import { token } from '../../e2e/system/people.js';
import { bareLogin, viewsLogin, withClient } from '../../e2e/system/server.js';
import { BENCH_DATABASE } from './bench-database.js';
import type { Measurable } from './matrix.js';

const POLICY = `
@id("bench-is-open")
permit (principal == Agent::"agent-etl", action, resource in Target::"${BENCH_DATABASE}");
`;

/** Puts the database of the bench behind Interlock, with a masked column and the content net, as two people would. */
export async function protectBench(place: Place): Promise<void> {
  await changeConfiguration(place, (settings) => {
    settings.targets.push(likeShop(settings, BENCH_DATABASE, BENCH_DATABASE));
    settings.masking.columns.push({ id: 'bench-filler', target: BENCH_DATABASE, column: 'public.pgbench_accounts.filler', transform: 'redact' });
    settings.masking.content.push({ target: BENCH_DATABASE, kinds: ['card', 'email', 'national-id'] });
  }, [{ file: 'policies/bench.cedar', text: POLICY }]);
  for (const kind of ['standing', 'probe'] as const) {
    const { user, password } = bareLogin(place, kind);
    await setSecret(place, { target: BENCH_DATABASE, kind, user, password });
  }
}

/** Parts of the installation whose processor time belongs to a command. */
const COUNTED = ['connectors', 'control', 'recorder', 'bus'];

export function interlockRoad(place: Place, name: 'interlock' | 'interlock, unsynced'): Measurable {
  return {
    road: { name, host: '127.0.0.1', port: place.ports.connector, user: 'agent-etl', database: BENCH_DATABASE, password: () => token(place, 'agent-etl') },
    processes: () => Object.fromEntries(Object.entries(processesOf(place)).filter(([part]) => COUNTED.includes(part))),
  };
}

/** Takes `sync_interval: always` from the bus's configuration and lets the supervisor start it anew. */
export async function unsync(place: Place): Promise<void> {
  const file = join(place.state, 'bus', 'nats.conf');
  const text = readFileSync(file, 'utf8');
  const unsynced = text.replace(/^.*sync_interval.*$/m, '');
  if (unsynced === text) throw new Error(`${file} does not sync in the first place`);
  writeFileSync(file, unsynced);
  const before = processesOf(place)['bus']!;
  process.kill(before, 'SIGTERM');
  await eventually('the bus is back, unsynced', async () => {
    const now = processesOf(place)['bus'];
    return now !== undefined && now !== before && !(await syncs(place)) && commandsRun(place);
  }, { withinMs: 60_000 });
}

async function syncs({ ports }: Place): Promise<boolean> {
  const varz = (await (await fetch(`http://127.0.0.1:${ports.natsMonitor}/varz`)).json()) as { jetstream: { config: { sync_always?: boolean } } };
  return varz.jetstream.config.sync_always === true;
}

async function commandsRun(place: Place): Promise<boolean> {
  const { road } = interlockRoad(place, 'interlock');
  return withClient({ host: road.host, port: road.port, user: road.user, password: await road.password(), ssl: { rejectUnauthorized: false } } as never, BENCH_DATABASE, async (client) => (await client.query('select 1')).rowCount === 1);
}

/** Seconds until every view has reached what the ledger held when the question was asked. */
export async function drainSeconds(place: Place): Promise<number> {
  const begun = performance.now();
  const last = await ledgerSequence(place);
  await eventually('the views have caught up', () => withClient(viewsLogin(place), 'interlock_views', async (client) => (await viewedSequence(client)) >= last), { withinMs: 300_000, everyMs: 50 });
  return (performance.now() - begun) / 1_000;
}

/** The sequence that every serving view has reached; -1 while there is none. */
async function viewedSequence(client: Client): Promise<number> {
  const { rows: serving } = await client.query<{ view: string; number: number }>('SELECT view, number FROM interlock_audit.generation');
  if (serving.length === 0) return -1;
  const positions = serving.map(({ view, number }) => `SELECT sequence FROM ${client.escapeIdentifier(`view_${view}_${number}`)}.position`);
  const { rows } = await client.query<{ sequence: string }>(`SELECT min(sequence) AS sequence FROM (${positions.join(' UNION ALL ')}) AS served`);
  return Number(rows[0]!.sequence);
}

/** Newest sequence of stream LEDGER, from the bus's monitor. */
export async function ledgerSequence({ ports }: Place): Promise<number> {
  const jsz = (await (await fetch(`http://127.0.0.1:${ports.natsMonitor}/jsz?accounts=true&streams=true`)).json()) as {
    readonly account_details: readonly { readonly stream_detail?: readonly { readonly name: string; readonly state: { readonly last_seq: number } }[] }[];
  };
  const ledger = jsz.account_details.flatMap((account) => account.stream_detail ?? []).find(({ name }) => name === 'LEDGER');
  if (ledger === undefined) throw new Error('the bus has no stream LEDGER');
  return ledger.state.last_seq;
}
