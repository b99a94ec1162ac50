import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalById, pendingFor, statusBecomes } from './system/approvals.js';
import { nodePg } from './system/clients.js';
import { changeConfiguration, setSecret } from './system/configuration.js';
import { makeDatabase, protect } from './system/fixture.js';
import type { Place } from './system/installation.js';
import { readLedger } from './system/ledger.js';
import { addAuthenticator, openPage, signIn, type Person } from './system/page.js';
import { api, apiOk } from './system/people.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

const VAULTED = 'vaulted';
const ELEVATED = { user: 'vaulted_elevated', password: 'elevated-needle' };
const WRITES = `
@id("vaulted-use")
permit (principal == Agent::"agent-etl", action, resource in Target::"vaulted");
`;
const SIGNED = `
@id("vaulted-deletes-are-signed")
@reason("What is deleted here, a DBA signs.")
@hint("Wait for a DBA.")
@approvers("dba")
@window("10m")
@signed("webauthn")
forbid (principal, action == Action::"delete", resource in Target::"vaulted");
`;

interface Authenticators { readonly authenticators: readonly { readonly id: string; readonly digest: string; readonly status: string; readonly person: { readonly name: string } }[] }

let place: Place;
let person: Person | undefined;

beforeAll(async () => {
  place = await sharedInstallation();
  // The role that commands run under may read and nothing more: what is deleted was deleted by the other one.
  await makeDatabase(place, VAULTED, [
    `do $$ begin if not exists (select from pg_roles where rolname = '${ELEVATED.user}') then create role ${ELEVATED.user} login password '${ELEVATED.password}'; end if; end $$`,
    `grant connect on database ${VAULTED} to ${ELEVATED.user}`, 'create table kept (id int primary key, note text not null)', "insert into kept select n, 'note ' || n from generate_series(1, 20) n",
    'grant select on kept to public', `grant delete on kept to ${ELEVATED.user}`,
  ]);
  await protect(place, VAULTED, { policy: WRITES, masked: [] });
  person = await openPage(place);
  await addAuthenticator(person);
  await signIn(place, person, 'dba');
}, SHARED_START_MS);
afterAll(() => person?.close());

async function parked(statement: string): Promise<{ readonly result: Promise<string> }> {
  const client = await nodePg(place, 'agent-etl', VAULTED);
  return { result: client.query(statement).then(({ rowCount }) => `changed ${rowCount}`, (fault: Error) => fault.message).finally(() => client.end()) };
}

function kept(): Promise<number> {
  return withClient(bareLogin(place, 'superuser'), VAULTED, async (client) => (await client.query<{ n: number }>('select count(*)::int as n from kept')).rows[0]!.n);
}

describe('a rule that takes signed approvals only', () => {
  it('does not load where no elevated credential is', async () => {
    await expect(changeConfiguration(place, () => undefined, [{ file: 'policies/vaulted.cedar', text: WRITES + SIGNED }])).rejects.toThrow(/vaulted-deletes-are-signed asks for signatures, and vaulted has no elevated credential/);
    await setSecret(place, { target: VAULTED, kind: 'elevated', ...ELEVATED });
    await changeConfiguration(place, () => undefined, [{ file: 'policies/vaulted.cedar', text: WRITES + SIGNED }]);
  }, 60_000);

  it('has an authenticator count once a second person has confirmed it', async () => {
    const { page } = person!;
    await page.getByRole('link', { name: 'Authenticators' }).click();
    await page.getByRole('button', { name: 'Register an authenticator' }).click();
    await page.getByText('waits for a second person').waitFor();
    const [mine] = (await apiOk<Authenticators>(place, 'security', 'GET', '/authenticators')).authenticators.filter(({ person: { name }, status }) => name === 'dba' && status === 'proposed');
    expect((await api(place, 'dba', 'POST', `/authenticators/${mine!.id}/confirmation`, { digest: mine!.digest })).body).toMatchObject({ reason: 'not_independent' });
    await apiOk(place, 'security', 'POST', `/authenticators/${mine!.id}/confirmation`, { digest: mine!.digest });
    await page.reload();
    await page.getByRole('button', { name: /^Sign in with/ }).click();
    await page.getByRole('row').filter({ hasText: mine!.digest }).getByText('confirmed by security').waitFor();
    expect(person!.complaints).toEqual([]);
  }, 60_000);

  it('runs a command once its approver has signed, under the credential that the vault let go of for it', async () => {
    const statement = 'delete from kept where id = 3';
    const { result } = await parked(statement);
    const approval = await pendingFor(place, statement);
    expect((await api(place, 'dba', 'POST', `/approvals/${approval.request.id}/votes`, { verdict: 'approve', grantDigest: approval.request.grantDigest })).body).toMatchObject({ reason: 'signature_required' });
    await person!.page.evaluate((id) => { location.hash = `#/approvals/${id}`; }, approval.request.id);
    await person!.page.getByRole('button', { name: 'Approve and sign' }).click();
    await person!.page.getByText('Approved. The command may run now, once.').waitFor();
    expect(await result).toBe('changed 1');
    expect(await kept()).toBe(19);
    expect((await statusBecomes(place, approval.request.id, 'consumed')).votes).toHaveLength(1);
    expect((await readLedger(place)).filter(({ metadata }) => metadata.type === 'credential.released.v1').map(({ data }) => data)).toContainEqual(expect.objectContaining({ kind: 'elevated', grant: approval.request.id, target: VAULTED }));
  }, 60_000);

  it('takes no signature that was made for another request', async () => {
    const before = await apiOk<{ approvals: { votes: { assertion?: object }[] }[] }>(place, 'dba', 'GET', '/approvals?status=consumed');
    const assertion = before.approvals.flatMap(({ votes }) => votes).find((vote) => vote.assertion !== undefined)!.assertion;
    const statement = 'delete from kept where id = 4';
    const { result } = await parked(statement);
    const approval = await pendingFor(place, statement);
    const refused = await api(place, 'dba', 'POST', `/approvals/${approval.request.id}/votes`, { verdict: 'approve', grantDigest: approval.request.grantDigest, assertion });
    expect(refused).toMatchObject({ status: 422, body: { reason: 'digest_mismatch', detail: 'What was signed is not the digest of this request.' } });
    expect((await approvalById(place, approval.request.id)).status).toBe('pending');
    await apiOk(place, 'dba', 'POST', `/approvals/${approval.request.id}/votes`, { verdict: 'deny', grantDigest: approval.request.grantDigest });
    expect(await result).toContain('denied');
    expect(await kept()).toBe(19);
  }, 60_000);
});
