import { changeConfiguration } from '../../e2e/system/configuration.js';
import { makeDatabase, protect } from '../../e2e/system/fixture.js';
import type { Place } from '../../e2e/system/installation.js';

/** Database and target of the bench. */
export const BENCH_TARGET = 'asking';
/** Asks a DBA; answers when the target began to run it, in milliseconds since the epoch. */
export const ASKED = 'select extract(epoch from clock_timestamp()) * 1000 as at from asked where id = 1';
/** Requests that one principal may have open at a time. */
export const OPEN_EACH = 32;
/** Requests that one principal may make within an hour. */
export const HOURLY_EACH = 240;

const POLICY = `
@id("${BENCH_TARGET}-reads") permit (principal in Role::"asker", action in Action::"read", resource in Target::"${BENCH_TARGET}");
@id("${BENCH_TARGET}-asks") @reason("Read with the agreement of a DBA.") @approvers("dba") @window("1h") @wait("1h")
forbid (principal, action == Action::"select", resource == Table::"${BENCH_TARGET}/public/asked");
`;

/** Lays down a table that is read with the agreement of a DBA only, and so many agents that read it. Answers their names. */
export async function layAsked(place: Place, agents: number): Promise<string[]> {
  const names = Array.from({ length: agents }, (_, index) => `asker-${index + 1}`);
  await changeConfiguration(place, (settings) => {
    settings.principals.push(...names.map((name) => ({ name, kind: 'agent', issuer: 'demo', subject: name, roles: ['asker'], owners: ['owner-support'] })));
  }, []);
  await makeDatabase(place, BENCH_TARGET, ['create table asked (id int primary key)', 'insert into asked values (1)', 'grant select on asked to public']);
  await protect(place, BENCH_TARGET, { policy: POLICY, masked: [] });
  return names;
}
