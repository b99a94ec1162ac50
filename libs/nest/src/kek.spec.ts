import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readKek } from './kek.js';

const key = Buffer.alloc(32, 7);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'interlock-kek-'))));
afterAll(() => rm(folder, { recursive: true }));

const read = (file?: string, value?: string) => readKek({ file: ['X_KEK_FILE', file], variable: ['X_KEK', value] });

it('comes from a file or from a variable', async () => {
  await writeFile(join(folder, 'kek'), `${key.toString('base64')}\n`);
  expect(await read(join(folder, 'kek'))).toEqual(key);
  expect(await read(undefined, key.toString('base64'))).toEqual(key);
});

it('names the variable that is wrong, and never the key', async () => {
  const short = Buffer.alloc(31, 7).toString('base64');
  await expect(read()).rejects.toThrow(/exactly one of X_KEK_FILE .* and X_KEK /);
  await expect(read(join(folder, 'kek'), key.toString('base64'))).rejects.toThrow(/exactly one/);
  await expect(read('/nowhere/kek')).rejects.toThrow(/X_KEK_FILE names \/nowhere\/kek, which cannot be read \(ENOENT\)/);
  await expect(read(undefined, short)).rejects.toThrow(/X_KEK is set, but/);
  await expect(read(undefined, short)).rejects.not.toThrow(short);
});
