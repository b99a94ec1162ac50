import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { approvalById, pendingFor, statusBecomes, vote } from './system/approvals.js';
import { nodePg } from './system/clients.js';
import type { Place } from './system/installation.js';
import { openPage, signIn, type Person } from './system/page.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

let place: Place;
beforeAll(async () => { place = await sharedInstallation(); }, SHARED_START_MS);

let person: Person | undefined;
afterEach(async () => { await person?.close(); person = undefined; });

/** An agent's command that waits for people; what became of it. */
async function parked(statement: string): Promise<{ readonly result: Promise<string>; withdraw(): Promise<void> }> {
  const client = await nodePg(place, 'agent-etl', 'lab');
  const result = client.query(statement).then(({ rowCount }) => `changed ${rowCount}`, (fault: Error) => fault.message).finally(() => client.end());
  return { result, withdraw: () => client.end() };
}

describe('the approval page', () => {
  it('tells of a command as it comes, shows what it is, and its yes runs it', async () => {
    await withClient(bareLogin(place, 'superuser'), 'lab', (client) => client.query("insert into orders values (31, 'item 31') on conflict do nothing"));
    person = await openPage(place);
    await signIn(place, person, 'dba');
    expect(new URL(person.page.url()).hash).not.toMatch(/code|token|state/);
    const statement = `delete from orders where id = 31 and item <> 'a\u202Eb\u200B <img src=x onerror=alert(1)>'`;
    const { result } = await parked(statement);
    const approval = await pendingFor(place, statement);
    await person.page.locator(`a[href="#/approvals/${approval.request.id}"]`).click();

    const card = person.page.locator('article');
    await card.getByRole('heading', { name: /agent-etl asks to delete table public\.orders at lab/ }).waitFor();
    for (const said of ['agent-etl, an agent; behind it: owner-etl', 'Orders are deleted with the agreement of a DBA.', 'exactly this command runs once at lab, as agent-etl', '\\u{202e}', '\\u{200b}', '<img src=x', '1 of dba', approval.request.grantDigest]) {
      expect(await card.textContent()).toContain(said);
    }
    expect(await person.page.locator('article img').count()).toBe(0);
    await card.getByLabel(/^Comment/).fill('checked');
    await card.getByRole('button', { name: 'Approve' }).click();
    await person.page.getByText('Approved. The command may run now, once.').waitFor();
    expect(await result).toBe('changed 1');
    expect((await statusBecomes(place, approval.request.id, 'consumed')).votes).toMatchObject([{ verdict: 'approve', comment: 'checked', approver: { name: 'dba' } }]);
    expect(person.complaints).toEqual([]);
  }, 90_000);

  it('shows in which words a decision is refused, and denies', async () => {
    person = await openPage(place);
    await signIn(place, person, 'owner-etl');
    const { result } = await parked('delete from orders where id = 32');
    const approval = await pendingFor(place, 'delete from orders where id = 32');
    await person.page.evaluate((id) => { location.hash = `#/approvals/${id}`; }, approval.request.id);
    await person.page.getByRole('button', { name: 'Approve' }).click();
    expect(await person.page.getByRole('alert').textContent()).toMatch(/owner-etl/);
    expect((await approvalById(place, approval.request.id)).status).toBe('pending');
    expect((await vote(place, 'dba', approval, 'deny')).status).toBeLessThan(300);
    expect(await result).toContain('denied');
    await person.page.getByText('This approval is denied.').waitFor();
  }, 90_000);

  it('folds a long text, and takes no yes before all of it was shown', async () => {
    person = await openPage(place);
    await signIn(place, person, 'dba');
    const statement = `delete from orders where id = 33 and id not in (${Array.from({ length: 2_000 }, (_, at) => 1_000 + at).join(', ')})`;
    const waiting = await parked(statement);
    const approval = await pendingFor(place, statement);
    await person.page.evaluate((id) => { location.hash = `#/approvals/${id}`; }, approval.request.id);
    const yes = person.page.getByRole('button', { name: 'Approve' });
    await yes.waitFor();
    expect(await yes.isDisabled()).toBe(true);
    await person.page.getByRole('button', { name: 'Show all of it' }).click();
    expect(await yes.isDisabled()).toBe(false);
    expect(await person.page.locator('.text').textContent()).toBe(statement);
    await waiting.withdraw();
    await statusBecomes(place, approval.request.id, 'withdrawn');
  }, 90_000);
});
