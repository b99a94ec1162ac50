import { beforeAll, describe, expect, it } from 'vitest';
import type { FrontendMessage } from '@interlock/protocol-postgres';
import { STANDING_ROLE } from '@interlock/deploy-local';
import { LAB_SCHEMA, makeDatabase, protect } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { gatewayLogin } from '../e2e/system/psql.js';
import { bareLogin } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { errorIn, rowsIn, Wire } from '../e2e/system/wire.js';
import { CANARY } from './policy-attacks.js';

const PATHS = 'paths';
const BARE = 'paths_bare';
/** The agent may do everything but see one table; a schema that is its own has one of the same name. */
const POLICY = `@id("${PATHS}-all-but-secrets")
permit (principal == Agent::"agent-etl", action, resource in Target::"${PATHS}") unless { resource == Table::"${PATHS}/public/secrets" };`;
const DECOY = ['reset role', `create schema decoy authorization ${STANDING_ROLE}`, `set role ${STANDING_ROLE}`, 'create table decoy.secrets (v text)', "insert into decoy.secrets values ('decoy')"];

let place: Place;
beforeAll(async () => {
  place = await sharedInstallation();
  for (const name of [PATHS, BARE]) await makeDatabase(place, name, [...LAB_SCHEMA, ...DECOY]);
  await protect(place, PATHS, { policy: POLICY, masked: [] });
}, SHARED_START_MS);

const READ = 'select v from secrets';
const BOTH = 'set search_path = decoy, public';
/** How statements are sent: in one text, in one pipeline, or one after the other. */
type Together = 'text' | 'pipeline' | 'transaction';

function bound(text: string): FrontendMessage[] {
  return [
    { kind: 'parse', statement: '', text, parameterTypes: [] }, { kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] },
    { kind: 'execute', portal: '', maxRows: 0 },
  ];
}

/** Last row of the answer to statements in one text, or in one pipeline; then the error, if any. */
async function told(wire: Wire, statements: readonly string[], together: Together): Promise<{ readonly row: string | null | undefined; readonly error: string | undefined }> {
  if (together === 'transaction') for (const text of statements.slice(0, -1)) await wire.query(text);
  const answer = await (together === 'transaction' ? wire.query(statements.at(-1)!) : together === 'text' ? wire.query(statements.join('; ')) : wire.send(...statements.flatMap(bound), { kind: 'sync' }).untilReady());
  return { row: rowsIn(answer).at(-1)?.[0], error: errorIn(answer)?.code };
}

describe('a search path that was not moved, or moved back, hides nothing behind a name', () => {
  it.each<[Together, string[], string?]>([
    ...['drop table secrets', 'alter table secrets rename to s', 'drop schema decoy cascade', 'alter schema decoy rename to d'].flatMap((gone): [Together, string[], string][] => [
      ['text', ['begin', gone, READ], BOTH], ['transaction', ['begin', gone, READ], BOTH], ['pipeline', ['begin', gone, READ], BOTH],
    ]),
    ['transaction', ['begin', 'drop table secrets', 'savepoint a', 'rollback to a', READ], BOTH],
    ['text', ['begin', 'create temp table secrets (v text)', 'rollback', READ]],
    ['text', ['begin', 'create temp table secrets (v text) on commit drop', 'commit', READ]],

    ['pipeline', ['set search_path = public', READ], 'set search_path = decoy'],
    ['pipeline', ['begin', 'savepoint a', 'set search_path = decoy', 'rollback to a', READ]],
    ['pipeline', ['begin', 'set search_path = decoy', 'rollback', READ]],
    ['pipeline', ['begin', 'set local search_path = decoy', 'commit', READ]],
    ['pipeline', ["select set_config('search_path', 'decoy', false) where false", READ]],
    ['text', ["select set_config('search_path', 'decoy', false) where false", READ]],
    ['text', ["select case when 1 = 2 then set_config('search_path', 'decoy', false) end", READ]],
  ])('in one %s: %j', async (together, statements, before = 'select 1') => {
    const bare = await Wire.login(bareLogin(place, 'standing'), BARE);
    await bare.query(before);
    expect((await told(bare, statements, together)).row, 'the bare target tells it').toBe(CANARY);
    await bare.query('rollback');
    bare.end();

    const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), PATHS);
    await wire.query(before);
    const answer = await told(wire, statements, together);
    expect(answer.row).not.toBe(CANARY);
    expect(answer.error).toBe('42501');
    await wire.query('rollback');
    await wire.query('reset search_path');
    await wire.query('set search_path = decoy');
    expect((await told(wire, [READ], together)).row, 'the session is usable').toBe('decoy');
    wire.end();
  }, 30_000);
});
