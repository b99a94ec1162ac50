// `npm run demo`: plays the story of the demonstration against a running system, with the commands that people would type,
// and prints what each of them sees. It can be played again and again.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkout } from './bootstrap.mjs';

const WAIT_MS = 30_000;
const state = process.env.INTERLOCK_STATE_DIR ? resolve(process.env.INTERLOCK_STATE_DIR) : join(checkout, '.interlock');
if (!existsSync(join(state, 'run', 'lock'))) end('Nothing runs here. Start it first, in another terminal: npm start');
const ports = JSON.parse(readFileSync(join(state, 'ports.json'), 'utf8'));
const api = `http://127.0.0.1:${ports.api}`;
if (!(await fetch(`${api}/health/ready`).then((answer) => answer.ok, () => false))) end(`The API at ${api} does not say that everything is ready. Wait until \`npm start\` says so.`);
const psqlScript = join(state, 'bin', 'psql');
const psqlProgram = existsSync(psqlScript) ? psqlScript : 'psql';

scene('agent-etl reads customers. It is allowed to; what is personal is masked on the way.');
await psql('agent-etl', ['select id, name, email, card_number, national_id from customers order by id limit 3']);

scene('agent-etl tries to drop the table. The rule says no; the session lives on.');
await psql('agent-etl', ['drop table customers', 'select count(*) from customers']);

scene('agent-etl wants to delete order 7. The command waits; the connection stays open, and its client is told at once for whom.');
await ensureOrder();
const others = await pendingIds();
const deleting = psql('agent-etl', ['delete from orders where id = 7'], 'in the background');
const approval = await approvalBeside(others);
await interlock('dba', ['approvals', 'list']);
await interlock('dba', ['approvals', 'show', approval]);

scene('Its own owner, who is a DBA too, agrees. Nobody approves their own work.');
await interlock('owner-etl', ['approvals', 'approve', approval]);

scene('A DBA who is not behind the agent agrees. The waiting command runs, once.');
await interlock('dba', ['approvals', 'approve', approval, '--comment', 'cancelled order, no items']);
await inTime(deleting, 'The approved deletion');

scene('The same statement again waits again: an approval is for one command. This time the DBA says no.');
const again = psql('agent-etl', ['delete from orders where id = 7'], 'in the background');
await interlock('dba', ['approvals', 'deny', await approvalBeside(others)]);
await inTime(again, 'The denied deletion');

scene('The auditor sees who asked, who agreed, what ran and what came back, and checks that nothing was changed since.');
await interlock('auditor', ['sessions', 'list', '--principal', 'agent-etl', '--limit', '4']);
// Newest first: the refused deletion, then the approved one.
const [, approved] = JSON.parse(await interlock('auditor', ['--json', 'sessions', 'list', '--principal', 'agent-etl', '--limit', '2'], 'quiet'));
await interlock('auditor', ['sessions', 'replay', approved.session]);
await interlock('auditor', ['audit', 'verify']);

function scene(text) {
  console.log(`\n\u2014\u2014 ${text}`);
}

function end(text) {
  console.error(text);
  process.exit(1);
}

/** Deleting it is the story; when it was played before, the order is put back, through Interlock like everything else. */
async function ensureOrder() {
  const token = await tokenOf('agent-etl');
  const text = "insert into orders (id, customer_id, status) values (7, 1, 'cancelled') on conflict (id) do nothing";
  await collect(psqlProgram, psqlArguments('agent-etl', [text]), { PGPASSWORD: token });
}

/** Runs statements in one session of psql and shows them with what came back; in the background as it comes. */
async function psql(name, statements, how = '') {
  for (const statement of statements) console.log(`${name}@shop> ${statement};${how === '' ? '' : `   (${how})`}`);
  const show = (text) => console.log(indent(text, `${name} sees: `));
  const { output } = await collect(psqlProgram, psqlArguments(name, statements), { PGPASSWORD: await tokenOf(name) }, how === '' ? undefined : show);
  if (how === '') console.log(indent(output));
}

function psqlArguments(name, statements) {
  return ['-X', '-P', 'pager=off', '-h', '127.0.0.1', '-p', String(ports.connector), '-U', name, ...statements.flatMap((statement) => ['-c', statement]), 'shop'];
}

/** Runs one `interlock` command as a person and answers what it printed. */
async function interlock(person, args, how = '') {
  if (how !== 'quiet') console.log(`${person}$ interlock ${args.map((arg) => (/^[\w./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')}`);
  const program = join(checkout, 'services', 'cli', 'bin', 'interlock.js');
  const { output } = await collect(process.execPath, [program, '--api', api, '--token-of', person, ...args], { INTERLOCK_STATE_DIR: state });
  if (how !== 'quiet') console.log(indent(output));
  return output;
}

/** Ids of what waits for people now. */
async function pendingIds() {
  const answer = await fetch(`${api}/api/v1/approvals?status=pending`, { headers: { authorization: `Bearer ${await tokenOf('dba')}` } });
  const { approvals = [] } = await answer.json();
  return approvals.map(({ request }) => request.id);
}

/** The approval that the story itself waits for: none of those that waited before it, which are somebody else's. */
async function approvalBeside(others) {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(200)) {
    const found = (await pendingIds()).find((id) => !others.includes(id));
    if (found !== undefined) return found;
  }
  return end(`No approval was asked for within ${WAIT_MS / 1000} s.`);
}

async function inTime(work, what) {
  const late = sleep(WAIT_MS, 'late', { ref: false });
  if ((await Promise.race([work, late])) === 'late') end(`${what} did not come back within ${WAIT_MS / 1000} s. What waits: npx interlock approvals list --token-of dba`);
}

async function tokenOf(name) {
  const { tokenEndpoint, principals } = JSON.parse(readFileSync(join(state, 'demo', 'principals.json'), 'utf8'));
  const { clientId, clientSecret } = principals[name];
  const answer = await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }) });
  return (await answer.json()).access_token;
}

function collect(program, args, env, show = () => undefined) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: checkout, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
        show(chunk);
      });
    }
    child.once('error', (fault) => resolve({ output: `${program}: ${fault.message}\n`, code: 127 }));
    child.once('close', (code) => resolve({ output, code }));
  });
}

function indent(text, first = '') {
  return `${first}${text}`.trimEnd().split('\n').map((line) => `    ${line}`).join('\n');
}
