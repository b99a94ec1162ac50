import { describe, expect, it } from 'vitest';
import { api, cli } from '../../spec/cli.js';

describe('changes', () => {
  const diff = '--- a/policies/books.cedar\n+++ b/policies/books.cedar\n@@ -1,1 +1,1 @@\n-digest     old\n+digest     forged\n';
  const change = { change: 'c7', author: 'security', status: 'pending', summary: ['changes rule books-read: text'], proposedAt: 't', baseVersion: 3, digest: 'seen', files: [{ file: 'policies/books.cedar', status: 'changed', diff }, { file: 'interlock.yaml', status: 'changed', diff: '' }] };
  const show = async (more: object) => (await cli(['changes', 'show', 'c7', '--api', (await api({ 'GET /api/v1/changes/c7': { body: { change: { ...change, ...more } } } })).url])).out.split('\n');

  it('show every line of every file that differs, none of which looks like the rest', async () => {
    const lines = await show({});
    expect(lines.slice(lines.indexOf('policies/books.cedar is changed') + 1, -2)).toEqual([...diff.trimEnd().split('\n').map((line) => `  ${line}`), '']);
    expect(lines.filter((line) => line.startsWith('digest'))).toEqual(['digest     seen']);
    expect(lines).toEqual(expect.arrayContaining(['compared   with version 3', 'interlock.yaml is changed in its comments or layout alone']));
    expect(lines.join('\n')).not.toContain('decided');
  });

  it.each([
    [{ status: 'applied', decidedBy: 'dba', decidedAt: 't2', version: 4 }, 'decided    approved by dba at t2 and became version 4'],
    [{ status: 'denied', decidedBy: 'dba', decidedAt: 't2' }, 'decided    denied by dba at t2'],
    [{ status: 'applied', baseVersion: 0, version: 1 }, 'decided    by nobody: the recorded bootstrap of this installation and became version 1'],
  ])('show who decided: %j', async (more, said) => expect(await show(more)).toContain(said));

  it.each([[[], 'seen'], [['--digest', 'mine'], 'mine']])('are approved by the digest that was read: %j', async (option, digest) => {
    const { url, seen } = await api({ 'GET /api/v1/changes/c7': { body: { change } }, 'POST /api/v1/changes/c7/decision': { body: { change: 'c7', status: 'applied', version: 4 } } });
    expect((await cli(['changes', 'approve', 'c7', ...option, '--api', url])).out).toBe('c7 is applied; version 4 is in force.\n');
    expect(JSON.parse(seen.at(-1)!.body)).toEqual({ verdict: 'approve', digest });
  });
});
