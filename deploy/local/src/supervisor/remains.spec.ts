import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endRemains } from './remains.js';

let folder: string;
let pidFile: string;
let child: ChildProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-remains-'));
  pidFile = join(folder, 'maker.pid');
  child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

it('what the process that made it left behind is killed, also where its folder is gone', async () => {
  await rm(folder, { recursive: true });
  const ended = once(child, 'exit');
  expect(await endRemains(process.execPath, { folder, pidFile })).toBe(1);
  expect((await ended)[1]).toBe('SIGKILL');
});

it.each([
  ['the process that made it runs', async () => (await writeFile(pidFile, `${child.pid}\n${folder}\n`), [process.execPath, folder] as const)],
  ['it runs another program', async () => ['/bin/sh', folder] as const],
  ['it works elsewhere', async () => [process.execPath, tmpdir()] as const],
])('nothing remains where %s', async (_what, given) => {
  const [program, place] = await given();
  expect(await endRemains(program, { folder: place, pidFile })).toBe(0);
  expect(child.exitCode ?? child.signalCode).toBeNull();
});
