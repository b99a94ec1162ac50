// Runs one installation for as long as the test run lives: `node keeper.mjs <pid of the run> <folder> [arguments of npm start]`. A process of its own,
// because the run's workers come and go and none of them knows that it is the last.
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const [runPid, folder] = [Number(process.argv[2]), process.argv[3]];
const start = fileURLToPath(new URL('../../../deploy/local/start.mjs', import.meta.url));
const log = openSync(join(folder, 'start.log'), 'a', 0o600);
const child = spawn(process.execPath, [start, ...process.argv.slice(4)], { stdio: ['ignore', log, log], detached: true });
closeSync(log);
writeFileSync(join(folder, 'supervisor.pid'), String(child.pid));

let ended = false;
child.once('exit', (code, signal) => {
  ended = true;
  writeFileSync(join(folder, 'ended'), String(signal ?? code));
});
let asked = false;
process.on('SIGTERM', () => { asked = true; });

while (!ended && !asked && alive(runPid)) await sleep(200);
if (!ended) child.kill('SIGTERM');
for (const deadline = Date.now() + 60_000; !ended && Date.now() < deadline;) await sleep(100);
if (!ended) child.kill('SIGKILL');
// A stopped installation is kept while the run lives: it may be looked at, and started again.
while (alive(runPid)) await sleep(500);
if (process.env.INTERLOCK_E2E_KEEP === undefined) rmSync(folder, { recursive: true, force: true });

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
