// `npm run clean`: removes everything Interlock keeps on this machine for this checkout.
import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkout } from './bootstrap.mjs';

const named = process.env.INTERLOCK_STATE_DIR;
const wanted = named === undefined || named === '' ? join(checkout, '.interlock') : resolve(named);
const info = lstatSync(wanted, { throwIfNoEntry: false });
if (info === undefined) {
  console.log(`There is nothing to remove: ${wanted} does not exist.`);
  process.exit(0);
}

const state = info.isSymbolicLink() ? resolve(dirname(wanted), readlinkSync(wanted)) : wanted;
// A folder that a mistyped variable names is not ours to remove.
if (existsSync(state) && !['ports.json', 'run', 'keys', 'tools'].some((name) => existsSync(join(state, name)))) {
  console.error(`${state} does not look like Interlock's state; it is left alone.`);
  process.exit(1);
}

const lock = join(state, 'run', 'lock');
if (existsSync(lock)) {
  const { pid } = JSON.parse(readFileSync(lock, 'utf8'));
  if (existsSync(`/proc/${pid}`)) {
    console.error(`Interlock still runs on ${state} (process ${pid}). Stop it first, with Ctrl-C or \`kill ${pid}\`.`);
    process.exit(1);
  }
}

rmSync(state, { recursive: true, force: true });
rmSync(wanted, { recursive: true, force: true });
console.log(`Removed ${state}.`);
