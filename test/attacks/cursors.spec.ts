import { beforeAll, describe, expect, it } from 'vitest';
import type { FrontendMessage } from '@interlock/protocol-postgres';
import { LAB, LAB_SCHEMA, makeDatabase } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { gatewayLogin } from '../e2e/system/psql.js';
import { bareLogin } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { errorIn, rowsIn, Wire } from '../e2e/system/wire.js';

const BARE = 'lab_cursors';
let place: Place;

beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, BARE, LAB_SCHEMA);
}, SHARED_START_MS);

/** A name that was a cursor's, and is now a portal's whose columns come from no one table as the target describes them. */
async function fetchedUnderAnOldName(wire: Wire, ending: readonly string[]): Promise<(string | null)[][]> {
  for (const text of ['begin', 'savepoint before', 'declare c cursor for select name from customers', ...ending]) expect(errorIn(await wire.query(text)), text).toBeUndefined();
  const text = "select ssn from customers where id = 1 union all select 'nobody'";
  const messages: FrontendMessage[] = [
    { kind: 'parse', statement: 'reader', text, parameterTypes: [] },
    { kind: 'bind', portal: 'c', statement: 'reader', parameterFormats: [], parameters: [], resultFormats: [] }, { kind: 'sync' },
  ];
  await wire.send(...messages).untilReady();
  const rows = rowsIn(await wire.query('fetch all from c'));
  await wire.query('rollback');
  wire.end();
  return rows;
}

describe('a cursor that ended without a word keeps nothing of its own for the next of its name', () => {
  it.each([[['rollback to before']], [['commit', 'begin']]])('%s', async (ending) => {
    const [[value] = []] = await fetchedUnderAnOldName(await Wire.login(bareLogin(place, 'standing'), BARE), ending);
    expect(value, 'the bare target shows it').toMatch(/^9\d\d-/);
    const rows = await fetchedUnderAnOldName(await Wire.login(await gatewayLogin(place, 'agent-etl'), LAB), ending);
    expect(rows).toEqual([['[redacted]'], ['[redacted]']]);
  }, 30_000);
});

describe('COPY tells nobody whose masked value equals its null text', () => {
  it('in text format', async () => {
    const copied = async (wire: Wire, guess: string): Promise<string> => {
      const messages = await wire.query(`copy (select ssn from customers where id < 3 order by id) to stdout (null '${guess}')`);
      wire.end();
      return messages.filter((message) => message.kind === 'copyData').map(({ data }) => data.toString()).join('');
    };
    const [first = ''] = (await copied(await Wire.login(bareLogin(place, 'standing'), BARE), 'x')).split('\n');
    expect(first).toMatch(/^9\d\d-/);
    expect(await copied(await Wire.login(await gatewayLogin(place, 'agent-etl'), LAB), first)).toBe('[redacted]\n[redacted]\n');
  }, 30_000);
});
