import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RpcResponse } from '@interlock/contracts';
import { pendingFor, vote } from './system/approvals.js';
import { interlock } from './system/cli.js';
import { eventually } from './system/eventually.js';
import type { Place } from './system/installation.js';
import { apiOk } from './system/people.js';
import { gatewayLogin, startPsql } from './system/psql.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

const DELETE = 'delete from orders where id = 41';

let place: Place;
let before: RpcResponse<'policy.secondDecisions'>;

const status = () => apiOk<RpcResponse<'policy.secondDecisions'>>(place, 'auditor', 'GET', '/second-decisions');

/** Every way a decision may come out: allowed, denied, asked about and let through, refused for its form, prepared, in a transaction. */
beforeAll(async () => {
  place = await sharedInstallation();
  before = await status();
  const script = [
    'select id, ssn from customers where id = 1;', 'drop table slips;', 'delete from orders;', 'begin;', "insert into written values ('second', 1);", 'update slips set note = note where id = 1;', 'commit;',
    'prepare one as select * from slips where id = $1;', 'execute one(3);', 'select 1; select 2;', `${DELETE};`, "select 'second decisions end';",
  ].join('\n');
  const running = await startPsql(await gatewayLogin(place, 'agent-etl'), 'lab', { script: `${script}\n` });
  await vote(place, 'dba', await pendingFor(place, DELETE), 'approve');
  await running.result;
}, SHARED_START_MS + 60_000);

describe('the second decision', () => {
  it('agrees with the connector about everything that real sessions asked', async () => {
    const now = await eventually('policy has decided all of it again', async () => {
      const found = await status();
      return found.decided >= before.decided + 10 && found.lag < 5 && found;
    });
    expect(now).toMatchObject({ mismatched: 0, mismatches: [], undecidable: [] });
    const { said, code } = await interlock(place, 'auditor', ['policy', 'status']);
    expect([code, said]).toEqual([0, expect.stringContaining('No connector decided otherwise than its rules.')]);
  }, 60_000);

  it('shows beforehand what other rules would have made of it', async () => {
    const folder = join(place.folder, 'backtested');
    expect(await interlock(place, 'security', ['pull', folder])).toMatchObject({ code: 0 });
    const same = await interlock(place, 'auditor', ['policy', 'backtest', folder, '--since', '1h', '--json']);
    const { changes } = JSON.parse(same.said.slice(0, same.said.lastIndexOf('}') + 1)) as { changes: { principal: string; target: string; examples: unknown[] }[] };
    expect(changes.filter(({ target }) => target === 'lab')).toEqual([]);
    const file = join(folder, 'policies', 'lab.cedar');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Table::"lab/public/orders"', 'Table::"lab/public/slips"').replace('permit (principal == Agent::"agent-etl", action in Action::"read"', 'permit (principal == Agent::"agent-support", action in Action::"read"'));
    const { said, code } = await interlock(place, 'auditor', ['policy', 'backtest', folder, '--since', '1h', '--limit', '100000']);
    expect(code).toBe(1);
    expect(said).toMatch(/allow -> deny {2}agent-etl at lab, by default-deny\n/);
    expect(said).toMatch(/ask -> allow {2}agent-etl at lab, by lab-writes\n/);
    expect(said).toContain('commands would come out otherwise.');
  }, 120_000);
});
