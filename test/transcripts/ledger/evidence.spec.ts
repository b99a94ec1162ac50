import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLog, DiskFiles, openCheckpoint, parseVerifierKey, readBundle, verifyInclusion } from '@interlock/adapter-tile-log';
import type { EventDraft } from '@interlock/kernel';
import { tellOfAgreement } from './agreement-story.js';
import { eventually, EvidenceWorld, READY, rowsOf, valueOf, type ScriptedConnector, type ScriptedSession } from './evidence-world.js';

let world: EvidenceWorld;
let connector: ScriptedConnector;
let session: ScriptedSession;

/** A session with a read, a refusal and an error, replayed in the tests below. */
beforeAll(async () => {
  world = await EvidenceWorld.start();
  connector = await world.connector();
  session = await connector.session();
  await session.record([{ kind: 'authenticationOk' }, READY]);
  await session.run('select name from customers', rowsOf('name', 'Ada', '•••'));
  await session.deny('drop table customers');
  await session.run('select nothing', [{ kind: 'errorResponse', fields: { severity: 'ERROR', code: '42703', message: 'column does not exist' } }, READY], { saysWhere: false });
  await session.close();
  await world.settled();
}, 120_000);
afterAll(() => world?.close(), 60_000);

describe('the auditor', () => {
  it('finds a session by principal and target, newest first, page by page', async () => {
    const later = await connector.session('agent-support', 'sandbox');
    await later.close();
    await world.settled();
    const { sessions } = await world.mustAsk('audit.sessions', {});
    expect(sessions.map((row) => row['session'])).toEqual([later.id, session.id]);
    expect((await world.mustAsk('audit.sessions', { before: later.id })).sessions.map((row) => row['session'])).toEqual([session.id]);
    expect((await world.mustAsk('audit.sessions', { principal: 'agent-etl', target: 'shop' })).sessions).toMatchObject([{ session: session.id, principal: 'agent-etl', target: 'shop', status: 'closed' }]);
  });

  it('reads who asked, what was decided and why, what came of it', async () => {
    const { commands } = await world.mustAsk('audit.session', { session: session.id });
    expect(commands).toMatchObject([
      { text: 'select name from customers', decision: 'allow', status: 'completed', rows: 2 },
      { text: 'drop table customers', decision: 'deny', rules: ['reads'], status: null },
      { text: 'select nothing', decision: 'allow', status: 'failed' },
    ]);
    expect((await world.mustAsk('audit.command', { command: String(commands[1]!['command']) })).command).toMatchObject({ reasons: [{ rule: 'reads', effect: 'forbid', message: 'by rule' }], session: session.id });
  });

  it('reads what is used of budgets, the latest window first', async () => {
    const story = await connector.session();
    const lease = { budget: 'etl', account: 'principal agent-etl', lessee: 'c', amount: 2, most: 10 };
    const [nine, ten] = ['2026-01-01T09:00:00.000Z', '2026-01-01T10:00:00.000Z'];
    for (const more of [{ leased: 2, windowEndsAt: nine }, { leased: 4, windowEndsAt: nine }, { leased: 2, windowEndsAt: ten }]) await story.tell('budget.leased.v1', { ...lease, ...more });
    await story.close();
    await world.settled();
    const { budgets } = await world.mustAsk('audit.budgets', {});
    expect(budgets.map(({ leased, left, windowEndsAt }) => [leased, left, windowEndsAt])).toEqual([[2, 8, ten], [4, 6, nine]]);
  });

  it('replays what came back as the agent saw it, whether or not the outcome says where it lies', async () => {
    const { steps, next } = await world.mustAsk('audit.replay', { session: session.id });
    expect(next).toBeNull();
    expect(steps.map(({ kind }) => kind)).toEqual(['opened', 'asked', 'decided', 'answer', 'outcome', 'asked', 'decided', 'answer', 'asked', 'decided', 'answer', 'outcome', 'closed']);
    const answers = steps.filter(({ kind }) => kind === 'answer').map(({ data }) => data);
    expect(answers).toMatchObject([{ columns: ['name'], rows: [['Ada'], ['•••']], tag: 'SELECT 2' }, { error: { code: '42501' } }, { error: { code: '42703' } }]);
  });

  it('replays in the order of the ledger, whatever ran side by side and however long people took', async () => {
    const story = await connector.session();
    const told = await tellOfAgreement(story);
    await story.close();
    await world.settled();
    const { steps } = await world.mustAsk('audit.replay', { session: story.id });
    const names = new Map(Object.entries(told).map(([name, id]) => [id, name]));
    expect(steps.map(({ kind, command, data }) => [kind, ...(command ? [names.get(command)] : []), ...['decision', 'approver', 'status'].filter((name) => name in data).map((name) => data[name])].join(' '))).toEqual([
      'opened',
      'asked first', 'decided first allow', 'asked second', 'decided second allow', 'answer first', 'outcome first completed', 'answer second', 'outcome second completed',
      'asked agreed', 'decided agreed ask', 'agreement asked agreed', 'vote refused agreed owner-etl', 'voted agreed dba', 'decided agreed allow', 'answer agreed', 'outcome agreed completed',
      'asked disagreed', 'decided disagreed ask', 'agreement asked disagreed', 'voted disagreed dba', 'agreement ended disagreed denied', 'answer disagreed',
      'asked refused', 'decided refused deny', 'answer refused',
      'closed closed',
    ]);
    const places = steps.map(({ sequence, position }) => sequence! * 1_000 + position!);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    const answerOf = (name: string) => steps.find(({ kind, command }) => kind === 'answer' && names.get(command!) === name)!.data;
    expect(answerOf('agreed')).toMatchObject({ notices: ['NOTICE: it waits'], tag: 'SELECT 1' });
    expect(answerOf('disagreed')).toMatchObject({ notices: ['NOTICE: it waits'], error: { message: 'dba denied it' } });
    expect(answerOf('refused')).toMatchObject({ error: { message: 'refused by rule' } });
  });

  it('keeps that order from page to page', async () => {
    const wide = await connector.session();
    const commands = Array.from({ length: 60 }, (_, at) => ({ id: randomUUID(), text: `select ${at}` }));
    await wide.append(...commands.map(({ id, text }) => wide.decided(id, text)));
    for (const { id } of commands) await wide.append(wide.ended(id, await wide.record(rowsOf('n', id))));
    await wide.close();
    await world.settled();
    const steps: { kind: string; command?: string | undefined }[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: { steps: { kind: string; command?: string | undefined }[]; next: number | null } = await world.mustAsk('audit.replay', { session: wide.id, after });
      expect(page.steps.length).toBeGreaterThan(0);
      steps.push(...page.steps);
      after = page.next;
    }
    expect(steps.map(({ kind, command }) => [kind, command])).toEqual([
      ['opened', undefined], ...commands.flatMap(({ id }) => [['asked', id], ['decided', id]]), ...commands.flatMap(({ id }) => [['answer', id], ['outcome', id]]), ['closed', undefined],
    ]);
  }, 60_000);

  it('is recorded as a reader, each time', async () => {
    await world.settled();
    const before = await readingsOf();
    await world.mustAsk('audit.replay', { session: session.id });
    await eventually('the reading is in the ledger', async () => (await readingsOf()) === before + 1);
  });

  it('is a person with the role: nobody else reads anything', async () => {
    for (const [who, reason] of [['owner-etl', 'role_missing'], ['agent-etl', 'human_required'], ['nobody', 'principal_unknown']] as const) {
      expect(await world.ask(who, 'audit.sessions', {})).toMatchObject({ ok: false, refusal: { reason } });
      expect(await world.ask(who, 'audit.verify', {})).toMatchObject({ ok: false });
      expect(await world.ask(who, 'audit.rebuild', {})).toMatchObject({ ok: false });
      expect(await world.ask(who, 'audit.replay', { session: session.id })).toMatchObject({ ok: false });
    }
  });

  it('is told how many rows a large answer had, and reads all of them', async () => {
    const large = await connector.session();
    const cells = Array.from({ length: 6_000 }, (_, at) => `row ${at}`);
    const huge = 'x'.repeat(132_000);
    await large.run('select n', rowsOf('n', ...cells, huge, 'last'));
    await large.close();
    await world.settled();
    const { steps } = await world.mustAsk('audit.replay', { session: large.id });
    const { command, data } = steps.find(({ kind }) => kind === 'answer')!;
    expect(data).toMatchObject({ shownRows: 200, ofRows: 6_002, shownBytes: 65_536 });
    expect(data).not.toHaveProperty('notShown');
    const read: unknown[] = [];
    let pages = 0;
    for (let after: number | null = 0; after !== null; pages += 1) {
      const page: { answer: Record<string, unknown>; next: number | null } = await world.mustAsk('audit.answer', { command: command!, after });
      read.push(...((page.answer['rows'] ?? []) as string[][]).flat(), ...('omittedBytes' in page.answer ? [page.answer['omittedBytes']] : []));
      after = page.next;
    }
    expect(read).toEqual([...cells, 132_000 + 11, 'last']);
    expect(pages).toBe(3);
    expect(await world.ask('owner-etl', 'audit.answer', { command: command! })).toMatchObject({ ok: false, refusal: { reason: 'role_missing' } });
    expect(await world.ask('auditor', 'audit.answer', { command: 'nowhere' })).toMatchObject({ ok: false, refusal: { reason: 'not_found' } });
  }, 60_000);

  it('pages through a long session without losing a command', async () => {
    const long = await connector.session();
    for (let at = 0; at < 60; at += 1) await long.run(`select ${at}`, rowsOf('n', String(at)));
    await long.close();
    await world.settled();
    const texts: unknown[] = [];
    const kinds: string[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: { steps: { kind: string; data: Record<string, unknown> }[]; next: number | null } = await world.mustAsk('audit.replay', { session: long.id, after });
      kinds.push(...page.steps.map(({ kind }) => kind));
      texts.push(...page.steps.filter(({ kind }) => kind === 'asked').map(({ data }) => data['text']));
      after = page.next;
    }
    expect(texts).toEqual(Array.from({ length: 60 }, (_, at) => `select ${at}`));
    expect([kinds[0], kinds.at(-1), kinds.filter((kind) => kind === 'answer').length]).toEqual(['opened', 'closed', 60]);
  }, 60_000);
});

describe('the log', () => {
  it('verifies, on the bus and offline from its files alone', async () => {
    await world.settled();
    const report = await world.mustAsk('audit.verify', {});
    expect(report).toMatchObject({ ok: true });
    expect(report.events).toBeGreaterThan(150);
    await world.settled();
    const { verifierKey, size } = await world.rpc('recorder.checkpoint', {});
    const key = valueOf(parseVerifierKey(verifierKey!));
    expect(await checkLog(new DiskFiles(world.logFolder), key)).toEqual({ size });
  }, 60_000);

  it('proves any event by its id', async () => {
    const { command } = (await world.mustAsk('audit.session', { session: session.id })).commands[0]!;
    const { event } = (await world.mustAsk('audit.command', { command: String(command) })).command;
    const proof = await world.rpc('recorder.prove', { event: String(event) });
    const key = valueOf(parseVerifierKey((await world.rpc('recorder.checkpoint', {})).verifierKey!));
    const checkpoint = valueOf(openCheckpoint(proof.checkpoint, key));
    const entry = Buffer.from(proof.entry, 'base64');
    expect(entry.toString('latin1')).toContain(String(event));
    expect(verifyInclusion(entry, proof.index, proof.size, proof.path.map((hash) => Buffer.from(hash, 'base64')), checkpoint.root)).toBe(true);
  });
});

describe('the views', () => {
  it('are rebuilt identically while the ledger grows, and answer all the while', async () => {
    let writing = true;
    const busy = await connector.session();
    const writer = (async () => {
      while (writing) await busy.run('select 1', rowsOf('n', '1'));
    })();
    let reads = 0;
    const reader = (async () => {
      while (writing) {
        expect((await world.mustAsk('audit.sessions', {})).sessions.length).toBeGreaterThan(2);
        reads += 1;
      }
    })();
    const { views } = await world.mustAsk('audit.rebuild', {});
    writing = false;
    await Promise.all([writer, reader]);
    expect(views.map(({ view, identical }) => [view, identical])).toEqual([['sessions', true], ['commands', true], ['approvals', true], ['recordings', true], ['budgets', true]]);
    expect(views.find(({ view }) => view === 'commands')!.rows).toBeGreaterThan(60);
    expect(reads).toBeGreaterThan(0);
    await world.settled();
    expect(await world.ask('auditor', 'audit.rebuild', { view: 'nothing' })).toMatchObject({ refusal: { reason: 'view_unknown' } });
  }, 90_000);

  it('go on where they stopped when audit starts again', async () => {
    await world.audit.close();
    const missed = await connector.session();
    await missed.run('select 2', rowsOf('n', '2'));
    await world.startAudit();
    await world.settled();
    expect((await world.mustAsk('audit.session', { session: missed.id })).commands).toHaveLength(1);
    expect((await world.mustAsk('audit.rebuild', {})).views.every(({ identical }) => identical)).toBe(true);
  }, 60_000);

  it('lose nothing and double nothing when their database dies and comes back', async () => {
    const during = await connector.session();
    for (let round = 0; round < 2; round += 1) {
      const work = (async () => { for (let at = 0; at < 20; at += 1) await during.run('select 3', rowsOf('n', '3')); })();
      await world.database.kill();
      await work;
      await world.database.start();
    }
    await world.settled();
    expect((await world.mustAsk('audit.session', { session: during.id })).commands).toHaveLength(40);
    expect((await world.mustAsk('audit.rebuild', {})).views.every(({ identical }) => identical)).toBe(true);
  }, 90_000);

  it('are opened when their database comes: audit starts without it, and says so to whoever reads', async () => {
    await world.audit.close();
    await world.database.kill();
    await world.startAudit();
    expect(await world.ask('auditor', 'audit.sessions', { limit: 5 })).toMatchObject({ refusal: { reason: 'unavailable', detail: 'The database of the views does not answer.', retryable: true } });
    expect(JSON.stringify(await world.rpc('audit.health', {}))).toMatch(/the views cannot be opened: .*ECONNREFUSED.*the database of the views does not answer/);
    await world.database.start();
    await world.settled();
    expect((await world.mustAsk('audit.sessions', { limit: 5 })).sessions.length).toBeGreaterThan(0);
  }, 60_000);

  it('are made anew by the next start when their database was emptied, which is said until then', async () => {
    for (const { name } of await world.database.query<{ name: string }>("select nspname as name from pg_namespace where nspname like 'view_%' or nspname = 'interlock_audit'")) await world.database.query(`drop schema "${name}" cascade`);
    for (const ask of [() => world.ask('auditor', 'audit.sessions', { limit: 5 }), () => world.ask('auditor', 'audit.rebuild', {}), () => world.ask('auditor', 'audit.verify', {})]) {
      expect(await ask()).toMatchObject({ refusal: { reason: 'views_missing', hint: expect.stringContaining('Restart audit') as string } });
    }
    await world.audit.close();
    await world.startAudit();
    await world.settled();
    expect((await world.mustAsk('audit.rebuild', {})).views.every(({ identical }) => identical)).toBe(true);
    expect(await world.ask('auditor', 'audit.verify', {})).toMatchObject({ ok: true, value: { ok: true } });
  }, 60_000);

  it('lose nothing when the bus dies and comes back', async () => {
    const during = await connector.session();
    await world.bus.kill();
    await world.bus.start();
    await eventually('the connector writes again', () => during.run('select 4', rowsOf('n', '4')).then(() => true, () => false), 30_000);
    await world.settled();
    expect((await world.mustAsk('audit.verify', {})).ok).toBe(true);
    expect((await world.mustAsk('audit.session', { session: during.id })).commands.length).toBeGreaterThan(0);
  }, 90_000);

  it('keep the row and show it as erased when a key is not to be had', async () => {
    const forgotten = connector.forgottenSession();
    const command = randomUUID();
    await forgotten.tell('session.opened.v1', { principal: { name: 'x', kind: 'agent', issuer: 'i', subject: 's', roles: [], party: [] }, target: 'shop', protocol: 'postgres', clientAddress: '::1', tokenExpiresAt: '', bundleVersion: 1 });
    await connector.ledger.append([forgotten.decided(command, 'select secret')]);
    await world.settled();
    const found = await world.mustAsk('audit.session', { session: forgotten.id });
    expect(found.session).toMatchObject({ erased: true, principal: null, target: null });
    expect(found.commands).toMatchObject([{ command, erased: true, text: null }]);
    expect(JSON.stringify(found)).not.toContain('select secret');
    expect((await world.mustAsk('audit.replay', { session: forgotten.id })).steps.map(({ kind, data }) => [kind, data['erased']])).toEqual([['opened', undefined], ['asked', true]]);
    expect((await world.mustAsk('audit.verify', {})).ok).toBe(true);
  }, 60_000);

  it('hold what no database can: a NUL and half a character in a command do not stop them', async () => {
    const nasty = await connector.session();
    await nasty.run('select \'\u0000\ud800\'', rowsOf('n', 'x'));
    await world.settled();
    expect((await world.mustAsk('audit.session', { session: nasty.id })).commands).toMatchObject([{ text: 'select \'\u2400\ufffd\'' }]);
  });

  it('stop at an event version they do not know, name it, and hold up no other view', async () => {
    const future = await connector.session();
    const decided = future.decided(randomUUID(), 'select 5');
    const { sequence } = await connector.ledger.append([{ ...decided, type: 'command.decided.v9' } as EventDraft]);
    await future.close();
    await world.settled();
    const { views } = await world.rpc('audit.status', {});
    expect(views.find(({ view }) => view === 'commands')).toMatchObject({ stopped: { sequence, reason: 'event_version_unknown', detail: expect.stringContaining('command.decided.v9') } });
    expect(views.filter(({ stopped }) => stopped).map(({ view }) => view)).toEqual(['commands']);
    expect((await world.mustAsk('audit.session', { session: future.id })).session).toMatchObject({ status: 'closed' });
    const health = await world.rpc('audit.health', {});
    expect(health.checks.find(({ name }) => name === 'evidence')).toMatchObject({ ok: false, detail: expect.stringContaining('view commands stopped') });
    expect((await world.mustAsk('audit.verify', {})).ok).toBe(true);
    expect(await world.ask('auditor', 'audit.rebuild', { view: 'commands' })).toMatchObject({ ok: true });
  }, 60_000);
});

describe('a connector that dies with a command under way', () => {
  it('leaves an unknown outcome behind, recorded within 30 s of its new start', async () => {
    const dying = await world.connector('7');
    const cut = await dying.session();
    const command = randomUUID();
    await dying.ledger.append([cut.decided(command, 'delete from orders'), cut.decided(randomUUID(), 'drop table orders', 'deny')]);
    await dying.close();
    await world.connector('7');
    await eventually('the outcome is recorded', async () => (await ledgerEvents('command.outcome.v1', command)) === 1, 30_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await ledgerEvents('command.outcome.v1', command)).toBe(1);
    expect((await world.mustAsk('audit.session', { session: cut.id })).session).toMatchObject({ status: 'lost' });
  }, 60_000);
});

/** How many readings the ledger holds: counted in the sealed log, whose metadata is in clear. */
async function readingsOf(): Promise<number> {
  return ledgerEvents('record.read.v1');
}

async function ledgerEvents(type: string, command?: string): Promise<number> {
  const { size } = await world.rpc('recorder.checkpoint', {});
  let found = 0;
  for (let index = 0; index * 256 < size; index += 1) {
    const source = { read: async (path: string) => world.rpc('recorder.tile', { path }).then(({ bytes }) => Buffer.from(bytes, 'base64'), () => undefined) };
    for (const entry of await readBundle(source, index, size)) {
      const text = entry.toString('latin1');
      if (text.includes(`"type":"${type}"`) && (command === undefined || text.includes(`"command":"${command}"`))) found += 1;
    }
  }
  return found;
}
