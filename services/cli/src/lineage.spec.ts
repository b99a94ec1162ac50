import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../spec/cli.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-lineage-'));
  writeFileSync(join(folder, 'schema.sql'), '\\connect shop\nCREATE TABLE people (id int, mail text, fee numeric);\nCREATE VIEW posts AS SELECT lower(mail) AS post FROM people WHERE fee > 1;\n');
  writeFileSync(join(folder, 'broken.sql'), 'CREATE TABLE people (id int);\n\nCREATE TABEL x;\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

const lineage = (args: string[], input = ''): ReturnType<typeof cli> => cli(['lineage', '--schema', 'schema.sql', ...args], {}, input, folder);

test('one line of JSON per statement, of an argument or from standard input', async () => {
  const posts = {
    statement: 'select',
    columns: [{ name: 'post', derivation: 'derived', origins: [{ column: 'public.people.mail', derivation: 'derived' }], readsUnknown: false }],
    shaping: [{ column: 'public.people.fee', where: ['WHERE'] }], writes: [],
  };
  const { code, out, err } = await lineage(['SELECT post FROM posts']);
  expect([code, err, JSON.parse(out)]).toEqual([0, '', posts]);
  const read = await lineage([], 'SELECT post FROM posts;\nUPDATE people SET mail = id::text');
  const [first, second] = read.out.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
  expect([read.code, first]).toEqual([0, posts]);
  expect(second).toEqual({
    statement: 'update', columns: [], shaping: [],
    writes: [{ into: 'public.people.mail', derivation: 'derived', origins: [{ column: 'public.people.id', derivation: 'derived' }], readsUnknown: false }],
  });
});

test('what cannot be told ends with 1 and a sentence, or JSON', async () => {
  expect(await lineage(['SELECT x FROM people'])).toMatchObject({ code: 1, out: '', err: 'interlock: the column x is not known.\nDefine it in the schema, or name what the schema has.\n' });
  const { code, err } = await lineage(['--json', 'SELECT 1 FROM nobody']);
  expect([code, JSON.parse(err)]).toEqual([1, expect.objectContaining({ reason: 'lineage_unknown', detail: 'the relation ?.nobody is not known.' })]);
  const broken = await cli(['lineage', '--json', '--schema', 'broken.sql', 'SELECT 1'], {}, '', folder);
  expect([broken.code, JSON.parse(broken.err)]).toEqual([1, { reason: 'syntax_error', sqlState: '42601', position: 8, line: 3, detail: 'broken.sql:3: syntax error at or near "TABEL".' }]);
  expect((await lineage(['SELEC 1'])).err).toBe('interlock: syntax error at or near "SELEC".\n');
  expect((await cli(['lineage', '--schema', 'nowhere.sql', 'SELECT 1'], {}, '', folder)).code).toBe(2);
});
