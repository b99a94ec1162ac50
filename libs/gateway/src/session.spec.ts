import { MemoryLedger } from '@interlock/adapter-memory-log';
import { describe, expect, it } from 'vitest';
import type { AccessState, EventData } from '@interlock/contracts';
import { action, bundle, CONFIGURATION, ETL, Given } from '../spec/given.js';
import { RECORDING_PATIENCE_MS, type Session } from './session.js';

const DONE: EventData<'command.outcome.v1'> = { status: 'completed', rows: 1, bytes: 2, masked: 0, durationMs: 3 };
const decide = (session: Session, ...texts: string[]) => texts.map((text) => session.decide(session.readyNow()!, action(text)));
const outcomes = (given: Given) => given.ledger.events.filter(({ type }) => type === 'command.outcome.v1').map(({ command, data }) => [command, (data as EventData<'command.outcome.v1'>).status]);

describe('a session', () => {
  it('records a segment of commands in one append, with what waited before it, and permits what is allowed', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    const first = await session.record({ verdicts: decide(session, 'select 1', 'select 2') });
    if (!first.ok) throw new Error(first.refusal.detail);
    for (const { verdict } of first.value.commands) session.settle(verdict.command, DONE);
    expect(given.types).toEqual(['session.opened.v1', 'command.decided.v1', 'command.decided.v1']);
    const second = await session.record({ verdicts: decide(session, 'deny this'), unjudged: { text: 'nonsense', refusal: { reason: 'syntax_error', detail: 'No.' } } });
    expect(given.types.slice(3)).toEqual(['command.outcome.v1', 'command.outcome.v1', 'command.decided.v1', 'command.refused.v1']);
    expect(await given.ledger.lastSequence()).toBe(3);
    expect(first.value.commands.map(({ permit, verdict }) => permit?.covers('shop', verdict.actionDigest, given.time.nowMs()))).toEqual([true, true]);
    expect(second).toMatchObject({ ok: true, value: { commands: [{ permit: undefined }], refusal: 'memory-3-3' } });
  });

  it('permits nothing while the ledger is away, says so afterwards, and goes on', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    given.ledger.failWith('away');
    expect(await session.record({ verdicts: decide(session, 'select 1') })).toMatchObject({ ok: false, refusal: { reason: 'ledger_unavailable', retryable: true } });
    given.ledger.failWith(undefined);
    expect(await session.record({ verdicts: decide(session, 'select 2') })).toMatchObject({ ok: true });
    expect(outcomes(given)).toEqual([['s-1.1.1', 'not_sent']]);
  });

  it('permits nothing of what is too long to be recorded, and goes on', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    expect(await session.record({ verdicts: decide(session, '"'.repeat(300_000)) })).toMatchObject({ ok: false, refusal: { reason: 'event_too_large' } });
    expect(await session.record({ verdicts: decide(session, 'select 2') })).toMatchObject({ ok: true });
    expect(outcomes(given)).toEqual([]);
  });

  it('permits nothing when it ended while the ledger was asked, and records that nothing was sent', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    const recording = session.record({ verdicts: decide(session, 'select 1') });
    given.lock('principal', 'agent-etl');
    session.review();
    expect(await recording).toMatchObject({ ok: false, refusal: { reason: 'locked' } });
    await session.close('locked');
    expect(outcomes(given)).toEqual([['s-1.1.1', 'not_sent']]);
    expect(given.types.at(-1)).toBe('session.closed.v1');
  });

  it('leaves no forwarded command without an outcome when it ends', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    await session.record({ verdicts: decide(session, 'select 1', 'select 2', 'deny 3') });
    session.settle('s-1.1.1', DONE);
    await session.close('client_closed');
    expect(outcomes(given)).toEqual([['s-1.1.1', 'completed'], ['s-1.1.2', 'unknown']]);
    expect(given.ledger.events.at(-1)!.data).toMatchObject({ reason: 'client_closed', commands: 3 });
    expect(await session.record({ verdicts: [] })).toMatchObject({ ok: false });
  });

  it('records its end once the ledger is back', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    given.ledger.failWith('away');
    const closing = session.close('client_closed');
    await given.time.advance(3_000);
    given.ledger.failWith(undefined);
    await given.time.advance(3_000);
    await closing;
    expect(given.types).toEqual(['session.opened.v1', 'session.closed.v1']);
  });

  it.each<[string, (given: Given) => void, string]>([
    ['on a lock on its principal', (given) => given.lock('principal', 'agent-etl'), 'locked'],
    ['on a lock on its party', (given) => given.lock('party', 'owner-etl'), 'locked'],
    ['on a lock on its target', (given) => given.lock('target', 'shop'), 'locked'],
    ['on a lock on itself', (given) => given.lock('session', 's-1'), 'locked'],
    ['on a lock on its connector', (given) => given.lock('connector', 'connector-postgres/1'), 'locked'],
    ['on a lock on everything', (given) => given.lock('everything', ''), 'locked'],
    ['when its principal is gone', (given) => given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, principals: [] } }), bundleHash: '2' }), 'revoked'],
    ['when its target is another', (given) => given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, targets: [{ ...CONFIGURATION.targets[0]!, host: 'elsewhere' }] } }), bundleHash: '2' }), 'revoked'],
    ['when its principal has another role', (given) => given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, principals: CONFIGURATION.principals.map((entry) => (entry.name === 'agent-etl' ? { ...entry, roles: [] } : entry)) } }), bundleHash: '2' }), 'revoked'],
    ['when its principal is another kind', (given) => given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, principals: CONFIGURATION.principals.map((entry) => (entry.name === 'agent-etl' ? { ...entry, kind: 'human' as const } : entry)) } }), bundleHash: '2' }), 'revoked'],
    ['when its principal has another owner', (given) => given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, principals: [{ ...CONFIGURATION.principals[0]!, owners: ['owner-etl', 'dba'] }, ...CONFIGURATION.principals.slice(1)] } }), bundleHash: '2' }), 'revoked'],
  ])('ends %s', async (_, happen, reason) => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    session.review();
    expect(given.ends).toEqual([]);
    happen(given);
    session.review();
    session.review();
    expect(given.ends.map((end) => end.reason)).toEqual([reason]);
  });

  it('ends when a role for a time begins or is over, whether a command comes just then or none does', async () => {
    const offer = { name: 'fixer', members: [], onRequest: { for: ['agent-etl'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 1 } };
    const granted = (given: Given): AccessState => ({
      id: 'a', revision: 2, status: 'granted', votes: [], from: new Date(given.time.nowMs()).toISOString(), until: new Date(given.time.nowMs() + 3_600_000).toISOString(),
      request: { principal: ETL, role: 'fixer', seconds: 3_600, approvers: offer.onRequest.approvers } as unknown as AccessState['request'],
    });
    const withOffer = async (): Promise<Given> => {
      const given = new Given(new MemoryLedger());
      given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, roles: [offer] } }), bundleHash: '2' });
      return given;
    };
    const begun = await withOffer();
    const early = await begun.session();
    early.review();
    expect(begun.ends).toEqual([]);
    begun.change({ access: new Map([['a', granted(begun)]]) });
    early.review();
    expect(begun.ends.map((end) => end.reason)).toEqual(['revoked']);

    for (const command of [false, true]) {
      const given = await withOffer();
      given.change({ access: new Map([['a', granted(given)]]) });
      const session = await given.session({ ...ETL, roles: [...ETL.roles, 'fixer'] });
      const stop = given.watch.onChange(() => session.review());
      session.review();
      await given.time.advance(3_599_999);
      expect(given.ends).toEqual([]);
      if (command) {
        given.time.slip(1);
        given.watch.isFresh();
      } else {
        await given.time.advance(1);
      }
      expect(given.ends.map((end) => end.reason)).toEqual(['revoked']);
      stop();
    }
  });

  it('ends when who acts for its principal may do so no longer', async () => {
    const given = new Given(new MemoryLedger());
    const acting = (delegation: typeof CONFIGURATION.delegation, version: number) => given.change({ bundle: bundle(version, { configuration: { ...CONFIGURATION, delegation } }), bundleHash: String(version) });
    acting({ depth: 1, allowed: [{ actor: 'dba', for: ['agent-etl'] }] }, 2);
    const session = await given.session({ ...given.opening.principal, actors: ['dba'], party: ['dba', 'owner-etl'] });
    session.review();
    expect(given.ends).toEqual([]);
    acting(undefined, 3);
    session.review();
    expect(given.ends.map((end) => end.reason)).toEqual(['revoked']);
  });

  it('does not end because a person behind it goes by another name of the same human', async () => {
    const given = new Given(new MemoryLedger());
    const principals = CONFIGURATION.principals.map((entry) => (entry.name === 'owner-etl' ? { ...entry, name: 'etl-account', human: 'owner-etl' } : { ...entry, owners: entry.owners.map(() => 'etl-account') }));
    given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, principals } }), bundleHash: '2' });
    const session = await given.session();
    session.review();
    expect(given.ends).toEqual([]);
  });

  it('does not end on a lock on someone else, nor on a bundle that says the same of it', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    given.lock('principal', 'agent-support');
    given.lock('connector', 'connector-postgres/2');
    given.change({ bundle: bundle(2), bundleHash: '2' });
    session.review();
    expect(given.ends).toEqual([]);
  });

  it('ends when its token expires, and when its recording cannot be stored for long', async () => {
    const given = new Given(new MemoryLedger());
    const session = await given.session();
    session.tick(given.time.nowMs() + 3_600_000);
    expect(given.ends).toEqual([{ reason: 'token_expired', why: 'token_expired' }]);
    const other = new Given(new MemoryLedger());
    const recorded = await other.session();
    other.storeFails = true;
    recorded.spool.write(Buffer.from('x'));
    recorded.tick(other.time.nowMs());
    await other.time.advance(RECORDING_PATIENCE_MS + 1);
    recorded.tick(other.time.nowMs());
    expect(other.ends).toEqual([{ reason: 'ledger_unavailable', why: 'recording_unavailable' }]);
  });
});
