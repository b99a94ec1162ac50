import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeStateLock } from './lock-file.js';
import { processIdentity, stillRuns } from './process-identity.js';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'interlock-lock-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

const holderOf = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

describe('the lock of a state folder', () => {
  it('refuses a second holder and names the first', async () => {
    const file = join(folder, 'run', 'lock');
    const lock = await takeStateLock(file);
    await expect(takeStateLock(file)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
    expect(existsSync(file)).toBe(false);
    await (await takeStateLock(file)).release();
  });

  it('is taken over from a process that died', async () => {
    const child = spawn('sleep', ['60']);
    const identity = await processIdentity(child.pid ?? 0);
    expect(await stillRuns(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'close');
    const file = join(folder, 'lock');
    await writeFile(file, JSON.stringify(identity));
    await takeStateLock(file);
    expect(await holderOf(file)).toEqual(await processIdentity(process.pid));
  });

  it('is taken over when the process id belongs to another program by now', async () => {
    const file = join(folder, 'lock');
    await writeFile(file, JSON.stringify({ pid: process.pid, started: 'another-boot:17' }));
    await takeStateLock(file);
    expect(await holderOf(file)).toEqual(await processIdentity(process.pid));
  });

  it('is taken over from a half-written file', async () => {
    const file = join(folder, 'lock');
    await writeFile(file, '{"pid":');
    await takeStateLock(file);
    expect(await holderOf(file)).toEqual(await processIdentity(process.pid));
  });
});
