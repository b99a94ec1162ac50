import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { api, cli } from '../spec/cli.js';
import { asTyped, callerFrom, nextStep } from './next-step.js';

const byNpx = callerFrom({ npm_command: 'exec' }, 'security');

describe('what is to be typed next', () => {
  it.each([
    ['apply my-interlock', undefined, 'npx interlock apply my-interlock --token-of security'],
    ['changes approve c1', 'NAME', 'npx interlock changes approve c1 --token-of NAME'],
    ['login --issuer URL', undefined, 'npx interlock login --issuer URL'],
    ['audit verify --bundle evidence.tar', undefined, 'npx interlock audit verify --bundle evidence.tar'],
    ['changes --help', undefined, 'npx interlock changes --help'],
  ])('%s', (line, by, typed) => expect(nextStep(byNpx, line, by)).toBe(typed));

  it('names nobody of the demonstration to those who are not of it', () => expect(nextStep(callerFrom({}, undefined), 'unlock l1', 'NAME')).toBe('interlock unlock l1'));
  it('is so in every hint', () => expect(asTyped('List them with `interlock changes list`. Not `psql`.', byNpx)).toBe('List them with `npx interlock changes list --token-of security`. Not `psql`.'));

  it('tells whoever proposes what the other person types', async () => {
    const { url } = await api({ 'POST /api/v1/changes': { status: 202, body: { change: 'c7', status: 'pending', version: 3, summary: [] } } });
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    writeFileSync(join(cwd, 'interlock.yaml'), 'version: 1\n');
    expect((await cli(['apply', '--api', url], { npm_command: 'exec' }, '', cwd)).out).toBe('Change c7 waits for another person, who reads and approves it with:\n  npx interlock changes show c7\n  npx interlock changes approve c7\n');
  });

  it('is so in refusals of the API', async () => {
    const { url } = await api({ 'GET /api/v1/changes/c1': { status: 404, body: { status: 404, detail: 'None.', reason: 'change_unknown', hint: 'List them with `interlock changes list`.' } } });
    expect((await cli(['changes', 'show', 'c1', '--api', url], { npm_command: 'exec' })).err).toBe('interlock: None.\nList them with `npx interlock changes list`.\n');
  });
});

describe('help', () => {
  it('of a command names what every command takes, the usual folder, and an example', async () => {
    const { out } = await cli(['pull', '--help']);
    for (const part of ['--token-of <principal>', '--json', '--api <url>', 'default: "."', 'interlock pull my-interlock']) expect(out).toContain(part);
  });

  it.each([[['targets', 'nosuch', '--help'], 'interlock targets'], [['nosuch', '-h'], 'interlock'], [['--token-of', 'dba', 'changes', 'shw', '--help'], 'interlock changes']])('of what there is not is refused: %j', async (line, group) => {
    expect(await cli(line)).toMatchObject({ code: 2, out: '', err: `interlock: Unknown command '${line.find((word) => /^nosuch|shw/.test(word))}'.\n\`${group} --help\` says which there are.\n` });
  });

  it('of a command is shown whatever its arguments are', async () => expect((await cli(['explain', 'nosuch', '--help'])).code).toBe(0));
});
