// Looks, before anything is installed or compiled, for ports that other programs hold: whoever waits is told at once. Plain JavaScript, as bootstrap.mjs is. The start
// itself looks again, with all that it knows; `src/early-ports.spec.ts` holds this table to `src/settings.ts`.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

export const USUAL = {
  api: ['INTERLOCK_API_PORT', 8800], issuer: ['INTERLOCK_ISSUER_PORT', 8801], connector: ['INTERLOCK_POSTGRES_PORT', 15432], target: ['INTERLOCK_TARGET_PORT', 15433],
  views: ['INTERLOCK_VIEWS_PORT', 15434], nats: ['INTERLOCK_NATS_PORT', 14222], natsMonitor: ['INTERLOCK_NATS_MONITOR_PORT', 18222],
};

/** A line for every port of this start that is taken. None where an installation is at work in the state folder: its ports are its own. */
export async function takenPorts(env, checkout) {
  const state = env.INTERLOCK_STATE_DIR ? resolve(env.INTERLOCK_STATE_DIR) : join(checkout, '.interlock');
  if (existsSync(join(state, 'run', 'lock'))) return [];
  const remembered = portsOf(join(state, 'ports.json'));
  const asked = Object.entries(USUAL).map(([name, [variable, usual]]) => ({ variable, port: Number(env[variable] || remembered[name] || usual) }));
  const taken = await Promise.all(asked.filter(({ port }) => Number.isInteger(port) && port > 0 && port < 65_536).map(async (one) => ({ ...one, is: await isTaken(one.port) })));
  return taken.filter(({ is }) => is).map(({ variable, port }) => `Port ${port} is taken by another program (${variable}).`);
}

/** Ends the process with a sentence when a port is taken. */
export async function requirePorts(env, checkout) {
  const lines = await takenPorts(env, checkout);
  if (lines.length === 0) return;
  console.error(`Interlock did not start; nothing was installed or compiled.\n${lines.join('\n')}\nSet the variable in parentheses to a free port, or stop the program that holds it (\`ss -ltnp\` shows which).`);
  process.exit(1);
}

/** What a folder that cannot be read remembers is nothing: the start says so when it reads it. */
function portsOf(file) {
  try {
    return Object(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

function isTaken(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (fault) => done(fault.code === 'EADDRINUSE'));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => done(false)));
  });
}
