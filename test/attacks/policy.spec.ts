import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_SCHEMA, layLab, makeDatabase, resetLab } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { lastSequence, readLedger } from '../e2e/system/ledger.js';
import { gatewayLogin } from '../e2e/system/psql.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { rowsIn, Wire } from '../e2e/system/wire.js';
import { leaksIn } from './leaks.js';
import { CANARY, POLICY_ATTACKS, RUN, type PolicyAttack } from './policy-attacks.js';
import { answersTo, type Answers, type Protocol } from './sessions.js';

/** A lab of their own, since what is gone there is counted, and the same without Interlock in front of it. */
const LAB = 'attacked';
const BARE = 'attacked_bare';

let place: Place;
let before: number;
beforeAll(async () => {
  place = await sharedInstallation();
  before = await lastSequence(place);
  await layLab(place, LAB);
  await makeDatabase(place, BARE, LAB_SCHEMA);
}, SHARED_START_MS);

/** One session bears all attacks, for as long as it lives. */
let session: Wire | undefined;
afterAll(() => session?.end());

async function isTrue(database: string, query: string): Promise<boolean> {
  return withClient(bareLogin(place, 'superuser'), database, async (client) => Object.values((await client.query<Record<string, boolean>>(query)).rows[0] ?? {})[0] === true);
}

function inDatabase({ statements }: PolicyAttack, database: string): string[] {
  return statements.map((text) => text.replaceAll('lab_name', database));
}

async function harmed({ harm }: PolicyAttack, database: string, { bytes, errors }: Answers): Promise<boolean> {
  if (harm === RUN) return errors.length === 0;
  return harm === 'leak' ? leaksIn(bytes, [CANARY]).length > 0 || bytes.includes('S3CRET-canary-value') : isTrue(database, harm);
}

const CASES = POLICY_ATTACKS.flatMap((attack) => (attack.simpleOnly === true ? (['simple'] as const) : (['simple', 'extended'] as const)).map((protocol: Protocol) => ({ ...attack, protocol, name: `${attack.id} ${protocol}: ${attack.statements.join(' -- then -- ').slice(0, 300)}` })));

describe('what policy does not allow', () => {
  it.each(CASES)('$name', async (attack) => {
    const wire = await Wire.login(bareLogin(place, attack.as ?? 'standing'), BARE);
    const bare = await answersTo(wire, inDatabase(attack, BARE), attack.protocol);
    wire.end();
    expect(await harmed(attack, BARE, bare), `the bare target does it; it said ${bare.errors.join()}`).toBe(true);
    if (attack.harm !== 'leak' || attack.statements.length > 1) await resetLab(place, BARE);

    if (session === undefined || session.closed) session = await Wire.login(await gatewayLogin(place, 'agent-etl'), LAB);
    const gateway = await answersTo(session, inDatabase(attack, LAB), attack.protocol).catch((fault: unknown) => {
      session?.end();
      session = undefined;
      throw fault;
    });
    expect(leaksIn(gateway.bytes, [CANARY])).toEqual([]);
    expect(gateway.errors.length, 'it is refused').toBeGreaterThan(0);
    expect(await harmed(attack, LAB, gateway), 'the target is unharmed').toBe(false);

    const living = session!;
    expect(living.closed, 'the session is usable').toBe(false);
    await living.query('rollback');
    expect(rowsIn(await living.query('select 42'))).toEqual([['42']]);
  }, 30_000);

  it('leaves an event for every refusal', async () => {
    const events = await readLedger(place, before + 1);
    const refusals = events.filter(({ metadata, data }) => metadata.type === 'command.refused.v1' || (metadata.type === 'command.decided.v1' && (data['decision'] as { outcome: string }).outcome !== 'allow'));
    expect(refusals.length).toBeGreaterThanOrEqual(CASES.length);
  }, 120_000);
});
