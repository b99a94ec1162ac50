import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { api, cli } from '../spec/cli.js';

describe('pull', () => {
  const inForce = { version: 2, files: [{ file: 'interlock.yaml', text: 'version: 1\n' }, { file: 'policies/a.cedar', text: 'permit\n' }] };
  const pull = async (cwd: string, ...option: string[]) => cli(['pull', 'p', ...option, '--api', (await api({ 'GET /api/v1/configuration': { body: inForce } })).url], {}, '', cwd);
  const written = (cwd: string) => ['interlock.yaml', 'policies/a.cedar'].map((file) => readFileSync(join(cwd, 'p', file), 'utf8'));

  it('writes the configuration in force, again as well, and names the rules that are not part of it', async () => {
    const { cwd, out } = await pull(mkdtempSync(join(tmpdir(), 'interlock-cli-')));
    expect([out, written(cwd)]).toEqual([`Version 2 written to ${cwd}/p.\n`, ['version: 1\n', 'permit\n']]);
    writeFileSync(join(cwd, 'p/policies/mine.cedar'), 'mine');
    expect(await pull(cwd)).toMatchObject({ code: 0, out: expect.stringMatching(/\npolicies\/mine\.cedar is not part of it and stays/) });
    expect(readFileSync(join(cwd, 'p/policies/mine.cedar'), 'utf8')).toBe('mine');
    expect(JSON.parse((await pull(cwd, '--json')).out)).toEqual({ ...inForce, foreign: ['policies/mine.cedar'] });
  });

  it('writes nothing over what someone wrote, unless told to', async () => {
    const { cwd } = await pull(mkdtempSync(join(tmpdir(), 'interlock-cli-')));
    writeFileSync(join(cwd, 'p/policies/a.cedar'), 'mine');
    writeFileSync(join(cwd, 'p/interlock.yaml'), 'edited');
    expect(await pull(cwd)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/interlock\.yaml, policies\/a\.cedar there differ from version 2\.\n.*--force/) });
    expect(written(cwd)).toEqual(['edited', 'mine']);
    expect((await pull(cwd, '--force')).code).toBe(0);
    expect(written(cwd)).toEqual(['version: 1\n', 'permit\n']);
  });
});
