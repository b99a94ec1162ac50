import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecretFile } from './secret-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-secret-'));
  await writeFile(join(folder, 'token'), 'xoxb-1\n');
  await writeFile(join(folder, 'empty'), '\n');
  await writeFile(join(folder, 'long'), 'x'.repeat(9_000));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a secret file', () => {
  it('gives what it holds, without the line\'s end, and what it holds later', async () => {
    expect(await readSecretFile(folder, 'token')).toBe('xoxb-1');
    await writeFile(join(folder, 'token'), 'xoxb-2\r\n');
    expect(await readSecretFile(folder, 'token')).toBe('xoxb-2');
  });

  it('gives nothing where there is none', async () => {
    expect([await readSecretFile(folder, 'absent'), await readSecretFile(folder, 'empty'), await readSecretFile(undefined, 'token'), await readSecretFile(join(folder, 'nowhere'), 'token')]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is no other file, and no secret of any length', async () => {
    for (const name of ['../token', '/etc/passwd', '', '.hidden', 'Token']) await expect(readSecretFile(folder, name)).rejects.toThrow(RangeError);
    await expect(readSecretFile(folder, 'long')).rejects.toThrow('more than 8192 bytes');
  });
});
