import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explainFault } from './fault.js';
import { progress } from './supervisor/progress.js';
import { Supervisor } from './supervisor/supervisor.js';
import { whatToTry } from './supervisor/what-to-try.js';

/** How soon the end of the parent is noticed. */
const PARENT_CHECK_MS = 250;

// The process of `npm start` itself: what was installed and compiled before this module counts.
const tell = progress((text) => void process.stdout.write(text), performance.timeOrigin);
const supervisor = new Supervisor({
  checkout: resolve(fileURLToPath(new URL('../../..', import.meta.url))), env: process.env, isolate: process.argv.includes('--isolate'), tell,
});

let asked = false;
async function stop(code: number): Promise<void> {
  if (asked) return;
  asked = true;
  await supervisor.stop().catch((fault: unknown) => console.error(explainFault(fault)));
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!asked) tell('stopping (everything is kept)');
    void stop(0);
  });
}

// npm hands a SIGTERM to the shell between it and this process, which dies of it and passes nothing on.
const parent = process.ppid;
setInterval(() => {
  if (process.env['npm_lifecycle_event'] === undefined || process.ppid === parent) return;
  if (!asked) tell('npm has ended; stopping (everything is kept)');
  void stop(0);
}, PARENT_CHECK_MS).unref();

try {
  const installation = await supervisor.start();
  tell('every part accepts connections');
  process.stdout.write(whatToTry(installation.ports, installation.psql));
} catch (fault) {
  if (!asked) console.error(`\nInterlock did not start.\n${explainFault(fault)}`);
  await stop(1);
}
