import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const setting = setUp({
  policies: `
@id("items-wait-briefly") @reason("Items are deleted with the agreement of a DBA.") @approvers("dba") @window("5m") @wait("1s")
forbid (principal, action == Action::"delete", resource == Table::"shop/public/order_items");
`,
});
const deletion = (order: number): string => `delete from order_items where order_id = ${order} and product_id = 0`;

interface Refused { readonly code: string; readonly message: string; readonly detail: string }
interface Told { readonly interlock: { readonly grant: string; readonly reason: string; readonly resumed?: boolean } }

/** Sends it in a session of its own; gives the refusal, or that it ran. */
function sent(text: string, heard: Told[] = []): Promise<Refused | 'ran'> {
  return setting.as('agent-etl', 'shop', async (client) => {
    client.on('notice', ({ detail }) => heard.push(JSON.parse(detail!) as Told));
    return client.query(text).then(() => 'ran' as const, (fault: unknown) => fault as Refused);
  });
}

async function refused(text: string, heard?: Told[]): Promise<{ readonly refusal: Refused; readonly grant: string }> {
  const refusal = await sent(text, heard);
  if (refusal === 'ran') throw new Error('it ran');
  return { refusal, grant: (JSON.parse(refusal.detail) as Told).interlock.grant };
}

describe('a command whose wait is over before anyone decides', () => {
  it('is refused by the name of its approval, and runs when it comes back in another session after people agreed, once', async () => {
    const { world } = setting;
    const text = deletion(1);
    const { refusal, grant } = await refused(text);
    expect(refusal).toMatchObject({ code: '57014', message: expect.stringContaining(`Nobody decided about approval ${grant} within 1 s`) });
    expect(JSON.parse(refusal.detail)).toMatchObject({ interlock: { reason: 'approval_pending', decision: 'ask', retryable: true } });
    expect(await world.vote(grant, 'dba', 'approve')).toMatchObject({ ok: true, value: { status: 'approved' } });
    world.forget();
    const heard: Told[] = [];
    expect(await sent(text, heard)).toBe('ran');
    expect(heard).toEqual([]);
    expect((await world.grants.get(grant))!.value.status).toBe('consumed');
    const types = world.ledger.events.map(({ type }) => type).filter((type) => /^(command|grant)/.test(type));
    expect(types).toEqual(['command.decided.v1', 'grant.consumed.v1', 'command.decided.v1', 'command.outcome.v1']);
    expect(world.events('command.decided.v1')[1]).toMatchObject({ phase: 'forward', grant: { id: grant, approvers: ['dba'] } });
    const third = await refused(text);
    expect(third.grant).not.toBe(grant);
  });

  it('waits on when it comes back before, and is told that it has come back', async () => {
    const text = deletion(2);
    const { grant } = await refused(text);
    const heard: Told[] = [];
    expect((await refused(text, heard)).grant).toBe(grant);
    expect(heard).toMatchObject([{ interlock: { grant, reason: 'waiting_for_approval', resumed: true } }]);
  });

  it('runs once although two sessions come back at once', async () => {
    const { world } = setting;
    const text = deletion(3);
    const { grant } = await refused(text);
    await world.vote(grant, 'dba', 'approve');
    const outcomes = await Promise.all([sent(text), sent(text)]);
    expect(outcomes.filter((outcome) => outcome === 'ran')).toHaveLength(1);
    // It asked anew; or both had come back for the same, a second apart in what they hold, and one was first.
    expect(outcomes.find((outcome) => outcome !== 'ran')).toMatchObject({ message: expect.stringMatching(/^(Nobody decided about approval|The same command, sent elsewhere)/) });
    expect(world.events('grant.consumed.v1').filter(({ grant: used }) => used === grant)).toHaveLength(1);
  });

  it.each([
    ['another value', deletion(40), deletion(41)],
    ['another text', deletion(42), `${deletion(42)} -- again`],
  ])('cannot be come back for with %s', async (_what, text, other) => {
    const { grant } = await refused(text);
    await setting.world.vote(grant, 'dba', 'approve');
    expect((await refused(other)).grant).not.toBe(grant);
    expect((await setting.world.grants.get(grant))!.value.status).toBe('approved');
  });

  it('asks anew when its rule has changed meanwhile', async () => {
    const { world } = setting;
    const text = deletion(5);
    const { grant } = await refused(text);
    await world.vote(grant, 'dba', 'approve');
    world.publish((bundle) => ({ ...bundle, policies: bundle.policies.map(({ file, text: rules }) => ({ file, text: rules.replace('Items are deleted with', 'Items may be deleted with') })) }));
    expect((await refused(text)).grant).not.toBe(grant);
  });
});
