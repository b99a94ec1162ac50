// Makes a checkout ready to run: packages installed, sources compiled. Plain JavaScript without dependencies, because it
// runs before there are any.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const MINIMUM_NODE = [20, 19];
const SOURCE_FOLDERS = ['libs', 'services', 'deploy'];
const installedMark = join(checkout, 'node_modules', '.interlock-installed');
const builtMark = join(checkout, 'node_modules', '.interlock-built');

/** Ends the process with a sentence when this Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  console.error(`Interlock needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}. Install a current Node (https://nodejs.org) and try again.`);
  process.exit(1);
}

/** Installs packages and compiles sources where that is due, saying what and why; `before` runs first, where anything is due. */
export async function prepareCheckout(tell, before = async () => undefined) {
  const reason = installReason();
  if (reason !== undefined || buildReason() !== undefined) await before();
  if (reason !== undefined) {
    tell(`installing npm packages, because ${reason} (about a minute)`);
    await run(...npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']), 'npm ci');
    writeFileSync(installedMark, lockHash());
  }
  const stale = buildReason();
  if (stale !== undefined) {
    tell(`compiling, because ${stale}`);
    await run(process.execPath, [join(checkout, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], 'the compiler');
    writeFileSync(builtMark, '');
  }
}

/** Runs a program in the checkout with the terminal's own streams; ends this process when it fails. */
export async function run(program, args, what, env = process.env) {
  const child = spawn(program, args, { cwd: checkout, stdio: 'inherit', env });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward);
  const code = await new Promise((resolve) => {
    child.once('error', (fault) => resolve(fault.message));
    child.once('exit', (status, signal) => resolve(status ?? signal));
  });
  process.off('SIGTERM', forward);
  if (code === 0) return;
  console.error(`\n${what} failed (${code}); what it said stands above. Nothing was started.`);
  process.exit(1);
}

function installReason() {
  if (!existsSync(join(checkout, 'node_modules'))) return 'node_modules is missing';
  if (existsSync(installedMark)) return readFileSync(installedMark, 'utf8') === lockHash() ? undefined : 'package-lock.json has changed since the last installation';
  const npmsOwn = join(checkout, 'node_modules', '.package-lock.json');
  if (!existsSync(npmsOwn)) return 'an installation was interrupted';
  return changedAt(npmsOwn) >= changedAt(join(checkout, 'package-lock.json')) ? undefined : 'node_modules is older than package-lock.json';
}

function buildReason() {
  if (!existsSync(builtMark) || !existsSync(join(checkout, 'deploy', 'local', 'dist', 'main.js'))) return 'nothing was compiled yet';
  const built = changedAt(builtMark);
  const newer = SOURCE_FOLDERS.flatMap((folder) => sources(join(checkout, folder))).find((file) => changedAt(file) > built);
  return newer === undefined ? undefined : `${newer.slice(checkout.length + 1)} is newer than the last build`;
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', '.nx', 'spec'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.ts$|^tsconfig\.json$|^package\.json$/.test(entry.name) && !entry.name.endsWith('.spec.ts') ? [path] : [];
  });
}

function lockHash() {
  return createHash('sha256').update(readFileSync(join(checkout, 'package-lock.json'))).digest('hex');
}

function changedAt(file) {
  return statSync(file).mtimeMs;
}

/** The npm that runs this, else the one on PATH. */
function npm(args) {
  const own = process.env.npm_execpath;
  return own !== undefined && own.endsWith('.js') ? [process.execPath, [own, ...args]] : ['npm', args];
}
