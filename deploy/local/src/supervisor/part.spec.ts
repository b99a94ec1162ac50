import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Part, type PartSpec } from './part.js';

let folder: string;
let lines: string[];
let pids: (number | undefined)[];
let parts: Part[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-part-'));
  [lines, pids, parts] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  await rm(folder, { recursive: true, force: true });
});

function part(script: string, more: Partial<PartSpec> = {}): Part {
  const made = new Part({
    name: 'worker', program: process.execPath, args: ['-e', script], env: {}, logFile: join(folder, 'worker.log'), ready: 'message', stopSignal: 'SIGTERM', ...more,
  }, { tell: (line) => lines.push(line), process: async (_name, pid) => { pids.push(pid); } });
  parts.push(made);
  return made;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) if (await condition()) return;
  throw new Error(`did not happen; heard: ${lines.join(' | ')}`);
}

const READY = 'process.send({ ready: true });';
const STAYS = `${READY} setInterval(() => {}, 1000);`;

describe('a part', () => {
  it('gives way to others where its entry says so', async () => {
    await part(STAYS, { niceness: 10 }).start();
    expect(getPriority(pids[0]!)).toBe(10);
  });

  it('is ready when its process says so', async () => {
    await part(`setTimeout(() => { require('fs').writeFileSync('${join('.', 'said')}', ''); ${READY} }, 150); setInterval(() => {}, 1000);`, { cwd: folder }).start();
    expect(existsSync(join(folder, 'said'))).toBe(true);
  });

  it('is ready when the question is answered yes', async () => {
    const file = join(folder, 'up');
    await part(`setTimeout(() => require('fs').writeFileSync('${file}', ''), 150); setInterval(() => {}, 1000);`, { ready: async () => existsSync(file) }).start();
    expect(existsSync(file)).toBe(true);
  });

  it('comes back when it is killed, and says so', async () => {
    await part(STAYS).start();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until(() => lines.some((line) => line.includes('is back')));
    expect(lines[0]).toContain('worker ended (SIGKILL); starting it again in 100 ms');
    expect(pids.filter((pid) => pid !== undefined)).toHaveLength(2);
  });

  it('says what a process that failed said last', async () => {
    await part(`${READY} console.log('{"message":"the service is up"}'); console.error('could not access directory'); setTimeout(() => process.exit(2), 50);`).start();
    await until(() => lines.length > 0);
    expect(lines[0]).toContain('worker ended (exit code 2: could not access directory); starting it again');
  });

  it('comes back although processes that it made outlived it', async () => {
    const [pidFile, stuckFile] = [join(folder, 'maker.pid'), join(folder, 'stuck.pid')];
    await part(`
      const fs = require('fs');
      if (fs.existsSync('${stuckFile}') && fs.existsSync('/proc/' + fs.readFileSync('${stuckFile}') + '/exe')) process.exit(1);
      fs.writeFileSync('${pidFile}', String(process.pid));
      const stuck = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
      fs.writeFileSync('${stuckFile}', String(stuck.pid));
      ${STAYS}`, { cwd: folder, remains: { folder, pidFile } }).start();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until(() => lines.some((line) => line.includes('is back')));
    expect(lines.filter((line) => !line.includes('is back'))).toEqual([expect.stringContaining('worker ended (SIGKILL)'), 'worker had left 1 processes behind; they are killed']);
  });

  it('gives up a first start that fails again and again, with the end of the log', async () => {
    await expect(part(`console.error('no such thing'); process.exit(3)`).start()).rejects.toThrow(/exit code 3[\s\S]*no such thing/);
  });

  it('says so when its program does not exist', async () => {
    await expect(part('', { program: '/no/such/program' }).start()).rejects.toThrow('could not be started');
  });

  it('is not brought back once it was stopped', async () => {
    const worker = part(STAYS);
    await worker.start();
    await worker.stop();
    await sleep(300);
    expect(pids.filter((pid) => pid !== undefined)).toHaveLength(1);
    expect(pids.at(-1)).toBeUndefined();
  });

  it('may end on its own terms when it is stopped', async () => {
    const file = join(folder, 'farewell');
    const worker = part(`process.on('SIGTERM', () => { require('fs').writeFileSync('${file}', 'bye'); process.exit(0); }); ${STAYS}`);
    await worker.start();
    await worker.stop();
    expect(await readFile(file, 'utf8')).toBe('bye');
  });

  it('puts a large log aside', async () => {
    await writeFile(join(folder, 'worker.log'), Buffer.alloc(21 * 1024 * 1024));
    await part(`console.log('fresh'); ${STAYS}`).start();
    await until(async () => (await readFile(join(folder, 'worker.log'), 'utf8')) === 'fresh\n');
    expect(existsSync(join(folder, 'worker.log.1'))).toBe(true);
  });
});
