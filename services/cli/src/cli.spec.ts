import { cpSync, mkdtempSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { api, cli } from '../spec/cli.js';

describe('interlock', () => {
  it('prints a table for people and JSON for programs', async () => {
    const answer = { sessions: [{ id: 's1', principal: 'agent-etl' }] };
    const { url, seen } = await api({ 'GET /api/v1/sessions?limit=50': { body: answer } });
    expect((await cli(['sessions', 'list', '--api', url])).out).toBe('ID  PRINCIPAL\ns1  agent-etl\n');
    expect(JSON.parse((await cli(['sessions', 'list', '--json', '--api', url])).out)).toEqual(answer.sessions);
    expect(seen[0]!.authorization).toBe('Bearer tok');
  });

  it('shows what a folder would have made of recorded commands, and exits as diff does', async () => {
    const same = {
      bundleVersion: 3, since: 'a', until: 'b', complete: true, commands: 10, unchanged: 10, changes: [], unlisted: 0, grants: { kept: 1, voided: 0 }, undecidable: [], withoutHistory: 0,
      approvals: { days: 7, perDayBefore: 0, perDayAfter: 0, roles: [] },
    };
    const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    writeFileSync(join(folder, 'interlock.yaml'), 'version: 1\n');
    const { url, seen } = await api({ 'POST /api/v1/backtests': { body: same } });
    expect(await cli(['policy', 'backtest', folder, '--since', '2026-11-01T00:00:00Z', '--api', url])).toMatchObject({ code: 0, err: '', out: '10 commands from a to b: 10 as recorded, 0 otherwise.\nNobody would be asked for an approval.\n' });
    expect(JSON.parse(seen[0]!.body)).toEqual({ files: [{ file: 'interlock.yaml', text: 'version: 1\n' }], limit: 20_000, since: '2026-11-01T00:00:00.000Z' });
    const other = {
      ...same, complete: false, unchanged: 7, grants: { kept: 0, voided: 1 }, undecidable: [{ reason: 'session_unknown', count: 2 }],
      changes: [{ from: 'allow', to: 'ask', principal: 'agent-etl', target: 'shop', rules: ['reads-ask'], count: 3, examples: [{ command: 'c1', at: 't', verb: 'select', objects: ['table shop/public/orders'], text: 'select 1\u202e' }, { command: 'c2', at: 't', verb: 'select', objects: ['table shop/public/orders'] }] }],
      approvals: { days: 7, perDayBefore: 0, perDayAfter: 0.43, roles: [{ role: 'dba', approvers: ['dana'], perDayBefore: 0, perDayAfter: 0.43, askers: [{ principal: 'agent-etl', perDay: 0.43 }] }] },
    };
    const { url: again } = await api({ 'POST /api/v1/backtests': { body: other } });
    const { code, out, err } = await cli(['policy', 'backtest', folder, '--since', '7d', '--api', again]);
    expect([code, err]).toEqual([1, 'interlock: 3 of 10 commands would come out otherwise.\n']);
    expect(out).toContain('     3  allow -> ask  agent-etl at shop, by reads-ask\n          c1  select 1\\u{202e}\n          c2  select table shop/public/orders\n');
    expect(out).toContain('Approvals a day, over 7 days: 0 as recorded, 0.43 then.\n  dba (dana): 0 -> 0.43, asked by agent-etl 0.43\n');
    expect((await cli(['policy', 'backtest', folder, '--since', 'yesterday', '--api', again])).code).toBe(2);
  });

  it('tells how recorded commands were decided a second time, and exits 5 when one came out otherwise', async () => {
    const well = { sequence: 9, lag: 1, decided: 40, mismatched: 0, mismatches: [], undecidable: [{ reason: 'bundle_unknown', count: 2, last: { event: 'e', sequence: 4, detail: 'It is gone.' } }] };
    const { url } = await api({ 'GET /api/v1/second-decisions': { body: well } });
    expect(await cli(['policy', 'status', '--api', url])).toMatchObject({ code: 0, err: '', out: [
      '40 recorded commands decided a second time, up to batch 9 of the ledger; 1 batches behind.', '2 could not be decided again (bundle_unknown), the last in batch 4: It is gone.', 'No connector decided otherwise than its rules.\n',
    ].join('\n') });
    const mismatch = { command: 'c', connector: 'connector-postgres/1', principal: 'agent-etl', target: 'shop', at: 't', differences: ['outcome: recorded allow, again deny'], lock: 'l-1' };
    const wrong = await api({ 'GET /api/v1/second-decisions': { body: { ...well, undecidable: [], mismatched: 1, mismatches: [mismatch] } } });
    const { code, out, err } = await cli(['policy', 'status', '--api', wrong.url]);
    expect([code, out.split('\n').slice(1, 3)]).toEqual([5, ['MISMATCH  c of agent-etl at shop, decided by connector-postgres/1 at t; lock l-1', '  outcome: recorded allow, again deny']]);
    expect(err).toContain('before two people lift its lock');
  });

  it('replays page by page: for people step by step, for programs one step a line', async () => {
    const steps = [{ at: 't1', kind: 'asked', command: 'c1', data: { text: 'select 1\n; select 2' } }, { at: 't2', kind: 'answer', command: 'c1', data: { rows: [['\u202e']] } }];
    const { url } = await api({
      'GET /api/v1/sessions/s1/replay?after=0': { body: { steps: [steps[0]], next: 7 } },
      'GET /api/v1/sessions/s1/replay?after=7': { body: { steps: [steps[1]], next: null } },
    });
    expect((await cli(['sessions', 'replay', 's1', '--api', url])).out.split('\n').filter((line) => line.startsWith('t'))).toEqual(['t1  asked  c1', 't2  answer  c1']);
    const lines = (await cli(['sessions', 'replay', 's1', '--json', '--api', url])).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(steps);
    expect(lines.join('')).not.toContain('\u202e');
  });

  it('replays an answer whole, or as much of it as was asked for, in pages', async () => {
    const answer = { at: 't', kind: 'answer', command: 'c/1', data: { rows: [['1']], shownRows: 1, ofRows: 3 } };
    const { url } = await api({
      'GET /api/v1/sessions/s1/replay?after=0': { body: { steps: [answer, { at: 'u', kind: 'outcome', command: 'c/1', data: {} }], next: null } },
      'GET /api/v1/commands/c%2F1/answer?after=0': { body: { answer: { rows: [['1'], ['2']] }, ofBytes: 30, next: 20 } },
      'GET /api/v1/commands/c%2F1/answer?after=20': { body: { answer: { rows: [['3']], tag: 'SELECT 3' }, ofBytes: 30, next: null } },
    });
    const rowsBy = async (...options: string[]): Promise<unknown[]> => {
      const lines = (await cli(['sessions', 'replay', 's1', '--json', '--api', url, ...options])).out.trimEnd().split('\n').map((line) => JSON.parse(line) as typeof answer);
      expect(lines.at(-1)!.kind).toBe('outcome');
      return lines.flatMap(({ data }) => data.rows ?? []).flat();
    };
    expect([await rowsBy(), await rowsBy('--all'), await rowsBy('--bytes', '20'), await rowsBy('--bytes', '21')]).toEqual([['1'], ['1', '2', '3'], ['1', '2'], ['1', '2', '3']]);
  });

  it('says a refusal with its rule and what to do, and exits 1', async () => {
    const { url } = await api({ 'POST /api/v1/approvals/g/votes': { status: 403, body: { status: 403, detail: 'You own the agent.', reason: 'shares_human', rule: 'needs-dba', hint: 'Ask a DBA.' } } });
    const { code, err } = await cli(['approvals', 'approve', 'g', '--digest', 'd', '--api', url]);
    expect([code, err]).toEqual([1, 'interlock: You own the agent. (rule needs-dba)\nAsk a DBA.\n']);
  });

  it.each([
    [['whoami'], {}, 4],
    [['whoami'], { INTERLOCK_TOKEN: '' }, 3],
    [['nonsense'], {}, 2],
    [['secrets', 'set', 'shop'], {}, 2],
    [['token', 'agent-etl'], {}, 1],
  ] as const)('%s exits by its cause', async (line, env, code) => {
    expect((await cli([...line, '--api', 'http://127.0.0.1:9'], { ...env, ...('INTERLOCK_TOKEN' in env && { INTERLOCK_TOKEN: undefined }) })).code).toBe(code);
  });

  it('proposes a plan from a file, and says what is wrong with one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    const write = (text: string): string => {
      writeFileSync(join(folder, 'plan.yaml'), text);
      return join(folder, 'plan.yaml');
    };
    const approval = { status: 'pending', votes: [], request: { id: 'p', requester: { name: 'agent', party: ['owner'] }, target: 'shop', reasons: [], ask: { quorum: [{ role: 'dba', count: 1 }] }, expiresAt: 'later', grantDigest: 'd', action: { text: '1 command', parameters: [] } } };
    const { url, seen } = await api({ 'POST /api/v1/plans': { status: 202, body: { approval } } });
    const file = write('target: shop\nwindow: 10m\ninOrder: true\ncommands:\n  - delete from t\n  - { text: "delete from u where id = $1", parameters: ["7"] }\n');
    const ran = await cli(['plans', 'propose', file, '--as', 'agent', '--api', url]);
    expect([ran.code, ran.out.split('\n')[0]]).toEqual([0, 'p  pending']);
    expect(JSON.parse(seen[0]!.body)).toEqual({ target: 'shop', as: 'agent', windowSeconds: 600, inOrder: true, commands: [{ text: 'delete from t' }, { text: 'delete from u where id = $1', parameters: ['7'] }] });
    for (const [text, says] of [['target: shop', 'lists no commands'], ['commands: []\nmood: good', 'says mood'], ['- a', 'is no plan'], ['commands: []\nwindow: soon', 'which is no time'], ['a: [', 'is no YAML']] as const) {
      const refused = await cli(['plans', 'propose', write(text), '--api', url]);
      expect([refused.code, refused.err]).toEqual([2, expect.stringContaining(says)]);
    }
    expect(seen).toHaveLength(1);
  });

  it('shows an approval with what the agent states of it, and nothing unseen', async () => {
    const approval = {
      status: 'pending', votes: [], request: {
        id: 'g', requester: { name: 'agent', party: ['owner'] }, target: 'shop', reasons: ['why'], ask: { quorum: [{ role: 'dba', count: 1 }] }, expiresAt: 'later', grantDigest: 'd',
        action: { text: 'drop \u202etable t', parameters: [], stated: { reason: 'line one\ndigest     forged', ticket: 'OPS-\u200b1' } },
      },
    };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval } } });
    const { code, out } = await cli(['approvals', 'show', 'g', '--api', url]);
    expect(code).toBe(0);
    expect(out).toContain('command    drop \\u{202e}table t\n');
    expect(out).toContain('for        line one\n         | digest     forged (in the words of agent)\nticket     OPS-\\u{200b}1\n');
  });

  it('asks nobody to agree to what a broken glass did', async () => {
    const request = { id: 'g', requester: { name: 'ann', party: ['ann'] }, target: 'shop', reasons: ['why'], ask: { quorum: [{ role: 'dba', count: 1 }], glass: { reviewers: ['dba'] } }, expiresAt: 'later', grantDigest: 'd', action: { text: 'update t', parameters: [], stated: { breakGlass: 'stuck' } } };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { status: 'consumed', votes: [], request, glass: { dueAt: 'tomorrow', reviews: [] } } } } });
    const { out } = await cli(['approvals', 'show', 'g', '--api', url]);
    expect(out).toContain('with nobody asked: stuck\nreview     due: two of dba until tomorrow\n');
    expect(out).not.toMatch(/^(needs|until)/m);
  });

  it('prints the options by which a connection breaks the glass, as clients of PostgreSQL hand them on', async () => {
    const { code, out } = await cli(['approvals', 'glass', '--reason', 'the shop\\is down', '--ticket', 'INC-7']);
    expect([code, out.trim()]).toEqual([0, String.raw`-c interlock.break_glass=the\ shop\\is\ down -c interlock.ticket=INC-7`]);
    expect((await cli(['approvals', 'glass'])).code).toBe(2);
  });

  it('reviews a broken glass under the digest that it has now, with a note', async () => {
    const review = { verdict: 'object', grantDigest: 'seen', note: 'nobody was called' };
    const { url, seen } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { request: { grantDigest: 'seen' } } } }, 'POST /api/v1/approvals/g/reviews': { body: { state: { status: 'consumed', votes: [], request: { id: 'g' }, glass: { dueAt: 'd', reviews: [review] } } } } });
    const { code, out } = await cli(['approvals', 'object', 'g', '--note', 'nobody was called', '--api', url]);
    expect([code, out.trim(), JSON.parse(seen.at(-1)!.body)]).toEqual([0, 'g: one more person has to review it.', review]);
    expect((await cli(['approvals', 'accept', 'g', '--api', url])).code).toBe(2);
    const second = await api({ 'POST /api/v1/approvals/g/reviews': { body: { state: { status: 'consumed', votes: [], request: { id: 'g' }, glass: { dueAt: 'd', reviews: [{ ...review, verdict: 'accept' }, review] } } } } });
    expect((await cli(['approvals', 'object', 'g', '--note', 'no', '--digest', 'seen', '--api', second.url])).out).toBe('g: two have reviewed it, and it is objected.\n');
  });

  it.each([[[], '?status=pending', 0], [['--status', 'all'], '', 0], [['--status', 'denied'], '?status=denied', 0], [['--status', 'open'], undefined, 2]] as const)('lists approvals that wait unless told otherwise: %s', async (option, query, code) => {
    const { url, seen } = await api(query === undefined ? {} : { [`GET /api/v1/approvals${query}`]: { body: { approvals: [] } } });
    const ran = await cli(['approvals', 'list', ...option, '--api', url]);
    expect([ran.code, seen.map((one) => one.url)]).toEqual([code, query === undefined ? [] : [`/api/v1/approvals${query}`]]);
    if (code === 2) expect(ran.err).toContain('pending, approved, denied, expired, withdrawn, consumed, all');
  });

  it('lists what is left of budgets', async () => {
    const budget = { budget: 'etl', account: 'principal agent-etl', leased: 7, left: 3, most: 10, windowEndsAt: '2026-01-01T01:00:00.000Z', leasedAt: '2026-01-01T00:10:00.000Z' };
    const { url } = await api({ 'GET /api/v1/budgets': { body: { budgets: [budget] } } });
    expect((await cli(['budgets', 'list', '--api', url])).out).toBe('BUDGET  ACCOUNT              USED  LEFT  MOST  WINDOW ENDS\netl     principal agent-etl  7     3     10    2026-01-01T01:00:00.000Z\n');
    expect(JSON.parse((await cli(['budgets', 'list', '--json', '--api', url])).out)).toEqual([budget]);
  });

  it('shows an approver what a command would do, and what they agree to of it', async () => {
    const request = {
      id: 'g', requester: { name: 'agent-etl', party: ['olga'] }, target: 'shop', action: { text: 'delete from orders', parameters: [] }, reasons: [], ask: { quorum: [{ role: 'dba', count: 1 }] }, expiresAt: 't', grantDigest: 'd', state: 'e'.repeat(64),
      preview: {
        kind: 'exact', estimatedRows: 11, plan: ['Delete on orders', '  Seq Scan on orders (11 rows)'], rows: 13, takenAt: 't',
        changes: [{ object: 'public.items', inserted: 0, updated: 0, deleted: 1 }, { object: 'public.or\u202eders', inserted: 0, updated: 0, deleted: 12 }], sample: { columns: ['id', 'note'], rows: [['7', null], ['8', 'a\nb']] },
      },
      bound: { maxRows: 13, beside: ['The trigger t comes with it.'] },
    };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { status: 'pending', request, votes: [] } } } });
    expect((await cli(['approvals', 'show', 'g', '--api', url])).out).toContain([
      'effect     changes 13 rows, counted in a transaction that was rolled back', '  public.items: 1 deleted', '  public.or\\u{202e}ders: 12 deleted', 'plan       Delete on orders', '             Seq Scan on orders (11 rows)',
      'sample', '  id  note', '  7   NULL', '  8   a\\u{a}b', 'bound      If it would change more than 13 rows, it is rolled back.', '  The trigger t comes with it.', `rows       these very rows and no others, ${'e'.repeat(64)}`, 'needs ',
    ].join('\n'));
  });

  it('says to an approver that nothing is known of an effect, or that none can be held', async () => {
    const request = {
      id: 'g', requester: { name: 'agent-etl', party: [] }, target: 'shop', action: { text: 'truncate orders', parameters: [] }, reasons: [], ask: { quorum: [] }, expiresAt: 't', grantDigest: 'd',
      preview: { kind: 'none', reason: 'It cannot be previewed: the target has no plan of truncate.', takenAt: 't' }, bound: { unbounded: 'no rows can be counted', openTransaction: true },
    };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { status: 'pending', request, votes: [] } } } });
    expect((await cli(['approvals', 'show', 'g', '--api', url])).out).toContain('effect     not known\n  It cannot be previewed: the target has no plan of truncate.\nbound      Its effect is not bounded: no rows can be counted\n  It runs inside a transaction of agent-etl, and whether that is committed stays theirs.\n');
  });

  it('votes for the digest that was read', async () => {
    const state = { status: 'approved', request: { id: 'g' } };
    const { url, seen } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { request: { grantDigest: 'seen' } } } }, 'POST /api/v1/approvals/g/votes': { body: { state } } });
    expect((await cli(['approvals', 'approve', 'g', '--api', url])).code).toBe(0);
    expect(JSON.parse(seen[1]!.body)).toEqual({ verdict: 'approve', grantDigest: 'seen' });
  });

  it('decides about several at once, each under its digest', async () => {
    const shown = (digest: string) => ({ body: { approval: { request: { grantDigest: digest } } } });
    const results = [{ id: 'g1', status: 'approved' }, { id: 'g2', refusal: { reason: 'approval_closed', detail: 'It is over.' } }];
    const { url, seen } = await api({ 'GET /api/v1/approvals/g1': shown('d1'), 'GET /api/v1/approvals/g2': shown('d2'), 'POST /api/v1/approvals/votes': { body: { batch: 'b', results } } });
    const ran = await cli(['approvals', 'approve', 'g1', 'g2', '--comment', 'ok', '--api', url]);
    expect(JSON.parse(seen.at(-1)!.body)).toEqual({ votes: [{ id: 'g1', grantDigest: 'd1' }, { id: 'g2', grantDigest: 'd2' }], verdict: 'approve', comment: 'ok' });
    expect([ran.code, ran.out]).toEqual([1, 'g1 is approved.\ng2 was refused: It is over.\n']);
    expect((await cli(['approvals', 'approve', 'g1', 'g2', '--digest', 'd', '--api', url])).code).toBe(2);
  });

  it('takes a request back', async () => {
    const { url, seen } = await api({ 'DELETE /api/v1/approvals/g': { body: { state: { status: 'withdrawn', request: { id: 'g' } } } } });
    expect((await cli(['approvals', 'withdraw', 'g', '--api', url])).out).toBe('g is withdrawn.\n');
    expect(seen).toHaveLength(1);
  });

  it('lets another vote in one’s stead, and takes that back', async () => {
    const delegation = { id: 'd1', delegator: { name: 'dba' }, delegate: { name: 'deputy' }, roles: ['dba'], targets: ['shop'], rules: ['r'], reason: 'leave', from: 't', until: 'u' };
    const { url, seen } = await api({
      'POST /api/v1/delegations': { status: 201, body: { delegation } }, 'GET /api/v1/delegations': { body: { delegations: [delegation] } }, 'DELETE /api/v1/delegations/d1': { body: { delegation: 'd1', by: 'dba' } },
      'POST /api/v1/approvals/g/votes': { body: { state: { status: 'approved', request: { id: 'g' } } } },
    });
    const before = Date.now();
    const made = await cli(['approvals', 'delegate', 'deputy', '--role', 'dba', '--target', 'shop', '--rule', 'r', '--for', '8h', '--reason', 'leave', '--api', url]);
    expect(made.out).toContain('Until u deputy may vote in stead of dba as dba.');
    expect(made.out).toContain('approvals revoke d1');
    const { until, ...sent } = JSON.parse(seen[0]!.body) as { until: string };
    expect(sent).toEqual({ to: 'deputy', roles: ['dba'], targets: ['shop'], rules: ['r'], reason: 'leave' });
    expect(Math.abs(Date.parse(until) - before - 8 * 3_600_000)).toBeLessThan(60_000);
    expect((await cli(['approvals', 'delegations', '--api', url])).out).toContain('d1          deputy  dba          dba  shop, rule r  u      leave');
    expect((await cli(['approvals', 'revoke', 'd1', '--api', url])).out).toBe('d1 was revoked by dba.\n');
    await cli(['approvals', 'approve', 'g', '--digest', 'd', '--in-stead-of', 'dba', '--api', url]);
    expect(JSON.parse(seen.at(-1)!.body)).toEqual({ verdict: 'approve', grantDigest: 'd', inSteadOf: 'dba' });
    expect(await cli(['approvals', 'delegate', 'deputy', '--role', 'dba', '--for', 'ever', '--reason', 'x', '--api', url])).toMatchObject({ code: 2, err: expect.stringContaining('as in 8h') as string });
  });

  it('asks for a role for a time, shows and decides it', async () => {
    const request = { id: 'a1', role: 'fixer', reason: 'x', seconds: 28_800, digest: 'seen', principal: { name: 'agent-etl' }, requester: { name: 'owner-etl' }, approvers: [{ role: 'dba', count: 2 }] };
    const waits = { id: 'a1', status: 'pending', request };
    const holds = { ...waits, status: 'granted', until: 'u' };
    const { url, seen } = await api({
      'POST /api/v1/access': { status: 201, body: { access: waits } }, 'GET /api/v1/access': { body: { access: [waits] } }, 'POST /api/v1/access/a1/votes': { body: { access: holds } }, 'DELETE /api/v1/access/a1': { body: { access: { ...waits, status: 'revoked' } } },
    });
    expect((await cli(['access', 'request', 'fixer', '--for-time', '8h', '--reason', 'x', '--principal', 'agent-etl', '--api', url])).out).toContain('a1 waits for 2 of dba.');
    expect(JSON.parse(seen[0]!.body)).toEqual({ role: 'fixer', seconds: 28_800, reason: 'x', for: 'agent-etl' });
    expect((await cli(['access', 'list', '--api', url])).out).toContain('a1      pending  agent-etl  fixer  8 h once granted  2 of dba  owner-etl  x');
    expect((await cli(['access', 'approve', 'a1', '--api', url])).out).toBe('agent-etl has role fixer until u.\n');
    expect(JSON.parse(seen.at(-1)!.body)).toEqual({ verdict: 'approve', digest: 'seen' });
    expect((await cli(['access', 'deny', 'a2', '--api', url])).code).toBe(1);
    expect((await cli(['access', 'revoke', 'a1', '--api', url])).out).toBe('a1 is revoked.\n');
  });

  it('asks what a token stands for, shows the keys of tokens, and has a new one made', async () => {
    const { url, seen } = await api({
      'POST /api/v1/masking/detokenise': { body: { kind: 'email', value: 'ada@example.org', encoding: 'utf8' } }, 'GET /api/v1/masking/keys': { body: { keys: [{ kind: 'email', version: 1, madeAt: 'then' }, { kind: 'email', version: 2, madeAt: 'now', madeBy: 'security' }] } },
      'POST /api/v1/masking/keys/email': { status: 201, body: { key: { kind: 'email', version: 3, madeAt: 'now', madeBy: 'security' } } },
    });
    expect((await cli(['masking', 'detokenise', 'email_t1_x', '--reason', 'ticket 4711', '--api', url])).out).toBe('ada@example.org\n');
    expect(JSON.parse(seen[0]!.body)).toEqual({ masked: 'email_t1_x', reason: 'ticket 4711' });
    expect((await cli(['masking', 'detokenise', 'email_t1_x', '--api', url])).code).toBe(2);
    expect((await cli(['masking', 'keys', '--api', url])).out).toContain('email  1        Interlock  then');
    expect((await cli(['masking', 'rotate', 'email', '--api', url])).out).toContain('Key 3 of kind email is made.');
  });

  it('reads a password from standard input only', async () => {
    const { url, seen } = await api({ 'PUT /api/v1/targets/shop/secret': { body: { target: 'shop', kind: 'standing' } } });
    const { out } = await cli(['secrets', 'set', 'shop', '--user', 'app', '--api', url], {}, 'pass word\n');
    expect(JSON.parse(seen[0]!.body)).toEqual({ user: 'app', password: 'pass word', kind: 'standing' });
    expect(out).not.toContain('pass word');
    expect((await cli(['secrets', 'set', 'shop', '--user', 'app', '--api', url], {}, '\n')).code).toBe(2);
  });

  it('adds a target to a configuration and keeps its comments', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    writeFileSync(join(cwd, 'interlock.yaml'), '# ours\nversion: 1\ntargets:\n  - name: shop # old\n    host: a\n');
    const add = ['targets', 'add', 'books', '--host', 'db.example', '--database', 'books'];
    expect((await cli(add, {}, '', cwd)).code).toBe(0);
    const text = readFileSync(join(cwd, 'interlock.yaml'), 'utf8');
    expect(text).toContain('# ours');
    expect(text).toContain('# old');
    expect(text).toMatch(/name: books[\s\S]*port: 5432[\s\S]*tls: verify-full/);
    expect((await cli(add, {}, '', cwd)).code).toBe(1);
  });

  it.each([
    ['a port that is none', ['--port', 'abc'], 'from 1 to 65535'],
    ['a way of TLS that is none', ['--tls', 'maybe'], 'disable, require, verify-full'],
    ['an authority that is not there', ['--ca', 'nowhere.pem'], 'nowhere.pem cannot be read (ENOENT)'],
    ['an authority without a certificate', ['--ca', 'interlock.yaml'], 'holds no certificate in PEM'],
  ])('refuses a target with %s and writes nothing', async (_what, option, said) => {
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    writeFileSync(join(cwd, 'interlock.yaml'), 'version: 1\n');
    const { code, err } = await cli(['targets', 'add', 'books', '--host', 'db.example', '--database', 'books', ...option], {}, '', cwd);
    expect([code, readFileSync(join(cwd, 'interlock.yaml'), 'utf8')]).toEqual([2, 'version: 1\n']);
    expect(err).toContain(said);
  });

  it('finds the API where the installation of this folder listens, unless told otherwise', async () => {
    const { url } = await api({ 'GET /api/v1/secrets': { body: { secrets: [] } } });
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    writeFileSync(join(cwd, 'ports.json'), JSON.stringify({ api: Number(new URL(url).port) }));
    expect((await cli(['secrets', 'list'], {}, '', cwd)).code).toBe(0);
    expect((await cli(['secrets', 'list'], { INTERLOCK_API: 'http://127.0.0.1:9' }, '', cwd)).code).toBe(4);
  });

  it.each([
    [['nonsense'], "Unknown command 'nonsense'.", 'interlock'],
    [['sessions', 'list', '--bogus'], "Unknown option '--bogus'.", 'interlock sessions list'],
    [['--token-of', 'audit', 'sessions', 'show'], "Missing required argument 'session'.", 'interlock sessions show'],
    [['sessions', 'list', 'more'], "Too many arguments for 'list'. Expected 0 arguments but got 1.", 'interlock sessions list'],
    [['secrets', 'set', 'shop'], "Required option '--user <user>' not specified.", 'interlock secrets set'],
    [['sessions', 'list', '--limit', '0'], 'It is a number from 1 to 500.', 'interlock sessions list'],
    [['lock', 'nobody', 'x', '--reason', 'y'], 'Allowed choices are principal, party, target, session, connector, everything.', 'interlock lock'],
    [['secrets', 'set', 'shop', '--user', 'x', '--kind', 'other'], 'Allowed choices are standing, probe, elevated.', 'interlock secrets set'],
  ])('says what is wrong with a command line, and who says how it is right: %s', async (line, said, path) => {
    const { url, seen } = await api({});
    const ran = await cli([...line, '--api', url]);
    expect([ran.code, ran.out, seen]).toEqual([2, '', []]);
    expect(ran.err).toMatch(/^interlock: .*\n.*\n$/);
    expect(ran.err).toContain(said);
    expect(ran.err).toContain(`\`${path} --help\` says how.`);
    expect(JSON.parse((await cli([...line, '--json'])).err)).toEqual({ detail: expect.stringContaining(said), hint: `\`${path} --help\` says how.` });
  });

  it('shows what there is where a group is named without a command', async () => {
    const { code, out, err } = await cli(['sessions']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^Usage: interlock sessions[\s\S]*replay \[options\] <session>/);
    expect(JSON.parse((await cli(['sessions', '--json'])).err)).toMatchObject({ detail: 'interlock sessions needs a command: list, show, replay, end.' });
  });

  it('has words of help for every command, each of its arguments and options', async () => {
    const commandsIn = (help: string): string[] => (help.includes('Commands:') ? [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help') : []);
    const helpOf = async (...path: string[]): Promise<string> => {
      const { code, out } = await cli([...path, '--help']);
      expect([code, out.split(' [options]')[0]]).toEqual([0, `Usage: ${['interlock', ...path].join(' ')}`]);
      // A term that nobody described stands alone in its line.
      for (const [line] of out.matchAll(/^ {2}[-\w<].*$/gm)) expect(line, path.join(' ')).toMatch(/\S {2,}\S/);
      return out;
    };
    const paths: string[] = [];
    for (const outer of commandsIn(await helpOf())) for (const path of [[outer], ...commandsIn(await helpOf(outer)).map((inner) => [outer, inner])]) paths.push((await helpOf(...path)) && path.join(' '));
    expect(paths).toEqual(expect.arrayContaining(['token', 'sessions replay', 'approvals list', 'explain', 'views rebuild']));
  });

  it.each([
    ['a token that is none', { INTERLOCK_TOKEN: 'two\nlines' }, [], 3, 'INTERLOCK_TOKEN holds no token'],
    ['an address that is none', { INTERLOCK_API: 'here' }, [], 2, 'INTERLOCK_API is no address: here'],
    ['another address that is none', {}, ['--api', 'ftp://x'], 2, '--api is no address: ftp://x'],
    ['an issuer that is none', {}, ['login', '--issuer', 'here'], 2, '--issuer is no address: here'],
    ['nobody there', {}, ['--api', 'http://127.0.0.1:9'], 4, 'Interlock does not answer at http://127.0.0.1:9.'],
  ] as const)('says what is wrong with %s', async (_what, env, line, code, said) => {
    const ran = await cli(line[0] === 'login' ? [...line] : ['whoami', ...line], env);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(said)]);
    expect(ran.err.split('\n')).toHaveLength(3);
  });

  it('knows an API that is not Interlock\'s, whatever it answers', async () => {
    const { url } = await api({ 'GET /api/v1/whoami': { body: undefined }, 'GET /api/v1/locks': { status: 502, body: 'bad gateway' } });
    for (const line of [['whoami'], ['locks']]) expect(await cli([...line, '--api', url])).toMatchObject({ code: 4, err: expect.stringContaining('INTERLOCK_API or --api names its address') });
  });

  it('asks for a new login where the one it kept is over, or none', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    mkdirSync(join(cwd, 'interlock'));
    const without = { INTERLOCK_TOKEN: undefined };
    writeFileSync(join(cwd, 'interlock', 'login.json'), JSON.stringify({ issuer: 'https://i.example', token: 't', expiresAt: '2020-01-01T00:00:00.000Z' }));
    expect(await cli(['whoami'], without, '', cwd)).toMatchObject({ code: 3, err: 'interlock: Your login ended at 2020-01-01T00:00:00.000Z.\nRun `interlock login --issuer https://i.example` again.\n' });
    for (const text of ['garbage{', '[]', '{"token":1}']) {
      writeFileSync(join(cwd, 'interlock', 'login.json'), text);
      expect(await cli(['whoami'], without, '', cwd)).toMatchObject({ code: 3, err: expect.stringContaining('holds no login') });
    }
  });

  it('names the file that it cannot read', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    mkdirSync(join(cwd, 'interlock.yaml'));
    expect(await cli(['apply'], {}, '', cwd)).toMatchObject({ code: 2, err: expect.stringMatching(/^interlock: .* \(EISDIR\)\.\n/) });
  });

  it.each([
    [undefined, '  nothing is masked'],
    [{ columns: [], content: [] }, '  no column of the answer is masked by a rule'],
    [{ columns: [{ name: 'mail', column: 'public.customers.email', rule: 'customer-email', transform: 'partial' }], content: ['card'] }, '  masked: column mail (public.customers.email) by rule customer-email, partial\n  masked wherever it is found: card'],
    [{ columns: [], content: [], refused: { rule: 'customer-email', detail: 'No.', hint: 'Select it.' } }, '  refused for masking by rule customer-email: No. Select it.'],
  ])('tells what would be masked: %j', async (masking, said) => {
    const { url } = await api({ 'POST /api/v1/explain': { body: { decision: { outcome: 'allow', bundleVersion: 1, reasons: [] }, action: { accesses: [] }, policies: [], ...(masking && { masking }) } } });
    expect((await cli(['explain', '--as', 'a', '--target', 'shop', '--command', 'select 1', '--api', url])).out).toBe(`allow (bundle version 1)\n${said}\n`);
  });

  it('says nothing of masking where a text could not be read', async () => {
    const decision = { outcome: 'deny', bundleVersion: 1, reasons: [{ rule: 'syntax_error', effect: 'default', message: 'syntax error at or near "selec"' }] };
    const { url } = await api({ 'POST /api/v1/explain': { body: { decision, policies: [] } } });
    expect((await cli(['explain', '--as', 'a', '--target', 'shop', '--command', 'selec 1', '--api', url])).out).toBe('deny (bundle version 1)\n  default syntax_error: syntax error at or near "selec"\n');
  });

  it('explains a recorded decision, its text in one piece', async () => {
    const explanation = {
      command: 'c1', session: 's1', principal: 'agent-etl', target: 'shop', askedAt: 't', text: 'delete\nlifted by  nobody', parameters: [{ type: '0', format: 'text', value: '7' }], verb: 'delete',
      accesses: [{ verb: 'delete', duty: 'delete', object: { kind: 'table', path: ['shop', 'public', 'orders'] }, columnsRead: ['id'] }], facts: { hasWhere: true },
      decisions: [{ event: 'e1', at: 't', outcome: 'ask', bundleVersion: 3, gathered: [{ ownCreation: true, preexisting: false, creators: [{ name: 'agent-twin', at: '2026', shared: 'agent-etl and agent-twin share the human owner-etl behind them.' }] }], reasons: [{ rule: 'needs-dba', effect: 'forbid', message: 'A DBA agrees first.', hint: 'Wait.' }], risk: { score: 61, terms: [{ kind: 'act', points: 61, because: 'delete is done' }], model: 'm' } },
        { event: 'e2', at: 'u', outcome: 'refused', bundleVersion: null, reasons: [{ rule: 'email', effect: 'forbid', message: 'It is masked.', hint: 'Ask again.' }] }],
      approval: { grant: 'g1', status: 'denied', expiresAt: null, votes: [{ approver: 'dba', verdict: 'deny', at: 't' }] }, lift: ['Ask again.'],
    };
    const { url } = await api({ 'GET /api/v1/decisions/e1': { body: { explanation } } });
    const { out, code } = await cli(['explain', 'e1', '--api', url]);
    expect(code).toBe(0);
    for (const line of ['decision   ask at t by bundle version 3, event e1', '  forbid needs-dba: A DBA agrees first. Wait.', "  history of table shop/public/orders: made by agent-twin at 2026 (agent-etl and agent-twin share the human owner-etl behind them); counts as the requester's own", 'decision   deny (by the gateway itself) at u, event e2', '  forbid email: It is masked.', '  delete (delete) table shop/public/orders (id)', '  $1 = 7', 'facts      hasWhere=true', 'risk       61', '  61 because delete is done', 'approval   g1 is denied', '  deny by dba at t']) expect(out.split('\n')).toContain(line);
    expect(out.match(/^lifted by.*$/gm)).toEqual(['lifted by  Ask again.']);
    expect(JSON.parse((await cli(['explain', 'e1', '--json', '--api', url])).out)).toEqual(explanation);
    expect((await cli(['explain', 'e1', '--as', 'x', '--api', url])).code).toBe(2);
  });

  it('proposes a folder and tells who has to act', async () => {
    const { url, seen } = await api({ 'POST /api/v1/changes': { status: 202, body: { change: 'c7', status: 'pending', version: 3, summary: ['target books added'] } } });
    const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    mkdirSync(join(cwd, 'policies'));
    writeFileSync(join(cwd, 'interlock.yaml'), 'version: 1\n');
    writeFileSync(join(cwd, 'policies', 'a.cedar'), '');
    const { out } = await cli(['apply', '--api', url], {}, '', cwd);
    expect(out).toContain('interlock changes approve c7');
    expect((JSON.parse(seen[0]!.body) as { files: { file: string }[] }).files.map((one) => one.file)).toEqual(['interlock.yaml', 'policies/a.cedar']);
  });

  const example = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));

  describe('policy test', () => {
    it('decides the cases of a folder', async () => {
      expect(await cli(['policy', 'test', example('company')])).toMatchObject({ code: 0, out: '55 passed, 0 failed\n', err: '' });
    });

    it('shows what differs, and exits 1', async () => {
      const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
      cpSync(example('company'), cwd, { recursive: true });
      writeFileSync(join(cwd, 'cases/orders.yaml'), 'cases:\n  - { principal: janitor, target: orders, command: "delete from public.orders where id = 7", expect: allow, rules: [janitor-deletes-old-orders] }\n');
      const { code, out, err } = await cli(['policy', 'test'], {}, '', cwd);
      expect([code, err]).toEqual([1, 'interlock: 1 case came out otherwise than expected.\n']);
      expect(out).toBe([
        'cases/orders.yaml:2  janitor at orders: delete from public.orders where id = 7', '  - allow by janitor-deletes-old-orders', '  + ask by deleting-orders-asks',
        '      Deleting orders takes the agreement of someone who keeps them.', '24 passed, 1 failed\n',
      ].join('\n'));
      const json = JSON.parse((await cli(['policy', 'test', '--json'], {}, '', cwd)).out) as { failed: number; results: unknown[] };
      expect(json).toMatchObject({ passed: 24, failed: 1, results: expect.arrayContaining([expect.objectContaining({ passed: false, line: 2, came: expect.objectContaining({ outcome: 'ask' }) })]) });
    });

    it('says where to write cases when there are none', async () => expect(await cli(['policy', 'test', example('company-conflict')])).toMatchObject({ code: 2, err: expect.stringContaining('cases/*.yaml') }));
  });

  describe('policy analyze', () => {

    it('says that a folder loads, and what is worth a look, without asking anyone', async () => {
      const { code, out } = await cli(['policy', 'analyze', example('company'), '--api', 'http://127.0.0.1:9']);
      expect([code, out]).toEqual([0, expect.stringMatching(/^42 rules, 19 principals, 5 targets: .*\nIt loads: no party alone can do what takes two\.\n$/)]);
    });

    it('exits 1 with a counterexample', async () => {
      const { code, out, err } = await cli(['policy', 'analyze', example('company-conflict')]);
      expect(code).toBe(1);
      expect(out).toContain('conflict policies/orders.cedar:22:1\n  one person alone: femi owns janitor, which may delete on table orders/public/orders, and has role order-keeper, which approves it');
      expect(err).toBe('interlock: This configuration does not load: 2 conflicts.\nMend the places named and run it again.\n');
    });

    it('prints JSON for programs', async () => {
      const { code, out } = await cli(['policy', 'analyze', example('company-conflict'), '--json']);
      expect([code, JSON.parse(out)]).toEqual([1, expect.objectContaining({ loads: false, problems: [], findings: [expect.objectContaining({ level: 'conflict', kind: 'both-sides', file: 'policies/orders.cedar', line: 22 }), expect.objectContaining({ kind: 'task-alone', file: 'interlock.yaml' })] })]);
    });

    it('tells slips with their places, as the change desk does', async () => {
      const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
      writeFileSync(join(cwd, 'interlock.yaml'), 'version: 1\nprincipls: []\n');
      const { code, out, err } = await cli(['policy', 'analyze'], {}, '', cwd);
      expect([code, err]).toEqual([1, expect.stringContaining('This configuration does not load')]);
      expect(out).toContain('interlock.yaml:2:1: there is no key "principls" (did you mean principals?)');
    });

    it('tells slips of the masking section, too', async () => {
      const cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
      cpSync(example('company'), cwd, { recursive: true });
      const file = join(cwd, 'interlock.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('except: [payout-maker] }', 'except: [payout-makr] }'));
      expect(await cli(['policy', 'analyze'], {}, '', cwd)).toMatchObject({ code: 1, out: expect.stringMatching(/^interlock\.yaml:\d+:\d+: nobody has role payout-makr\n$/) as string });
    });
  });

  it('never writes outside the folder it was given', async () => {
    const { url } = await api({ 'GET /api/v1/configuration': { body: { version: 1, files: [{ file: '../escaped', text: 'x' }] } } });
    expect((await cli(['pull', 'here', '--api', url])).code).toBe(1);
  });

  it('exits 5 when the evidence is broken, naming the event', async () => {
    const { url } = await api({ 'POST /api/v1/audit/verify': { body: { ok: false, events: 9, batches: 3, uncomparedChunks: 2, checkpoint: 'x', finding: { sequence: 3, event: 'e9', detail: 'the signature does not fit' } } } });
    const { code, out, err } = await cli(['audit', 'verify', '--api', url]);
    expect(code).toBe(5);
    expect(out).toContain('9 events in 3 batches, 2 recorded chunks not compared');
    expect(out).toContain('sequence 3, event e9: the signature does not fit');
    expect(err).toContain('The evidence is not what it was');
  });

  it('says of how many of the events a checkpoint tells', async () => {
    const { url } = await api({ 'POST /api/v1/audit/verify': { body: { ok: true, events: 1461, batches: 376, uncomparedChunks: 0, checkpoint: 'origin\n1460\nroot\n\n\u2014 key sig' } } });
    expect((await cli(['audit', 'verify', '--api', url])).out).toMatch(/^ok: 1461 events in 376 batches\ncheckpoint over 1460 of them; the 1 newest came while it was verified, and the next one covers them:\norigin\n1460\n/);
  });

  it('shows a session by what a person asks of it, and what became of a command that people refused', async () => {
    const session = { session: 's1', tenant: 'default', principal: 'agent-etl', party: ['owner-etl'], target: 'shop', status: 'closed', openedAt: 't1', closedAt: 't2', run: 'r', instance: 'i', closedPlace: 9, sequence: 1, position: 0 };
    const commands = [{ command: 'c1', askedAt: 't', verb: 'delete', text: 'delete', decision: 'ask', rules: ['needs-dba'], approvers: null, status: null, summary: null, errorCode: null, rows: null, masked: null, durationMs: null }];
    const approvals = [{ grant: 'g1', command: 'c1', requester: {}, target: 'shop', reasons: [], status: 'denied', requestedAt: 't', decidedAt: 't', consumedAt: null, votes: [{ approver: 'dba', verdict: 'deny', at: 't' }], rejected: [] }];
    const { url } = await api({ 'GET /api/v1/sessions/s1': { body: { session, commands, approvals } } });
    const { out } = await cli(['sessions', 'show', 's1', '--api', url]);
    expect(out).toMatch(/^session +s1\nprincipal +agent-etl, behind it owner-etl\ntarget +shop\n/);
    expect(out).not.toMatch(/tenant|run|place|sequence|position/i);
    expect(out).toMatch(/^c1 +t +ask +approval denied +delete$/m);
    expect(out).toMatch(/^g1 +c1 +denied +dba: deny$/m);
    expect(JSON.parse((await cli(['sessions', 'show', 's1', '--json', '--api', url])).out)).toEqual({ session, commands, approvals });
  });

  it('shows an approver what is really there', async () => {
    const text = 'delete \u202e from\u001b]52;x orders';
    const request = { id: 'g', requester: { name: 'a', party: ['o'] }, target: 'shop', action: { text, parameters: [] }, reasons: ['why'], ask: { quorum: [{ role: 'dba', count: 1 }] }, expiresAt: 't', grantDigest: 'd' };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { status: 'pending', request, votes: [] } } } });
    expect((await cli(['approvals', 'show', 'g', '--api', url])).out).toContain('delete \\u{202e} from\\u{1b}]52;x orders');
  });

  it('shows an approver the score and its terms', async () => {
    const risk = { score: 61, terms: [{ kind: 'fact', points: 21, because: 'functions has \u001b]52;x' }, { kind: 'act', points: 40, because: 'delete is done' }], model: 'm' };
    const request = { id: 'g', requester: { name: 'a', party: ['o'] }, target: 'shop', action: { text: 'x', parameters: [] }, reasons: ['why'], risk, ask: { quorum: [{ role: 'dba', count: 1 }] }, expiresAt: 't', grantDigest: 'd' };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { status: 'pending', request, votes: [] } } } });
    expect((await cli(['approvals', 'show', 'g', '--api', url])).out).toContain('risk       61\n  21 because functions has \\u{1b}]52;x\n  40 because delete is done\nneeds      1 of dba');
  });

  it('lets no command look like the rest of its request', async () => {
    const text = 'select 1\ndigest     forged';
    const request = { id: 'g', requester: { name: 'a', party: ['o'] }, target: 'shop', action: { text, parameters: [] }, reasons: ['why'], ask: { quorum: [{ role: 'dba', count: 1 }] }, expiresAt: 't', grantDigest: 'd' };
    const { url } = await api({ 'GET /api/v1/approvals/g': { body: { approval: { status: 'pending', request, votes: [] } } } });
    expect((await cli(['approvals', 'show', 'g', '--api', url])).out.match(/^digest .*$/gm)).toEqual(['digest     d']);
  });

  it.each([['words', []], ['JSON', ['--json']]])('hands a terminal no order in %s, of answers and of refusals', async (_what, option) => {
    const hostile = '\u001b]52;c;eA==\u0007\u009b2J\u202e';
    const change = { change: 'c1', author: hostile, status: 'pending', summary: [`adds ${hostile}`], proposedAt: 't', digest: 'd', baseVersion: 1, files: [{ file: 'policies/a.cedar', status: 'changed', diff: `+${hostile}\n` }] };
    const { url } = await api({
      'GET /api/v1/changes': { body: { changes: [change] } },
      'GET /api/v1/changes/c1': { body: { change } },
      'POST /api/v1/changes/c1/decision': { status: 403, body: { status: 403, detail: `Locked: ${hostile}`, reason: 'locked', rule: hostile, hint: hostile } },
    });
    const runs = [await cli(['changes', 'show', 'c1', '--api', url, ...option]), await cli(['changes', 'list', '--api', url, ...option]), await cli(['changes', 'approve', 'c1', '--api', url, ...option])];
    for (const { out, err } of runs) expect(`${out}${err}`).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    if (option.length > 0) expect(JSON.parse(runs[0]!.out)).toEqual(change);
  });
});

describe('interlock masking classify', () => {
  const proposed = { schema: 'public', table: 'people', column: 'mail', type: 'text', values: 9, found: { email: 9 }, tags: [], proposals: [{ tag: 'email', sure: 0.91, because: '9 of 9 values' }, { tag: 'phone', sure: 0.2, because: 'its name' }] };
  const shut = { schema: 'public', table: 'shut', column: 'x', type: 'text', values: 0, found: {}, unread: 'the target answered 42501', tags: [], proposals: [] };
  const first = { columns: [proposed], next: 'public.people' };

  it('lists what is sure enough, of every page, and what could not be read', async () => {
    const { url, seen } = await api({ 'POST /api/v1/targets/shop/classification': { body: { columns: [proposed, shut], next: null } } });
    const { out } = await cli(['masking', 'classify', 'shop', '--api', url]);
    expect(out).toBe('COLUMN              TYPE  TAGGED  PROPOSED  SURE  BECAUSE OF\npublic.people.mail  text          email     91 %  9 of 9 values\nValues of 1 columns could not be read (the target answered 42501): may the standing credential read their tables?\n');
    expect(seen.map(({ body }) => body)).toEqual(['{}']);
  });

  it('adds it to a folder in the name of whoever asks, once, and leaves the rest as it is', async () => {
    const { url } = await api({ 'POST /api/v1/targets/shop/classification': { body: { ...first, next: null } }, 'GET /api/v1/whoami': { body: { principal: { name: 'security' } } } });
    const folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
    writeFileSync(join(folder, 'interlock.yaml'), '# ours\nversion: 1\nmasking:\n  columns: [] # none yet\n');
    for (const added of [1, 0]) expect((await cli(['masking', 'classify', 'shop', '--write', folder, '--api', url])).out).toContain(`${added} tags added to `);
    expect(readFileSync(join(folder, 'interlock.yaml'), 'utf8')).toBe('# ours\nversion: 1\nmasking:\n  columns: [] # none yet\n  tags:\n    - { target: shop, column: public.people.mail, tag: email, by: security, sure: 0.91 }\n');
  });

  it('says how much was looked at', async () => {
    const { url } = await api({ 'GET /api/v1/targets/shop/coverage': { body: { columns: 4, classified: 1, sensitive: 1, by: { dba: 1 }, leastSure: 0.9, unclassified: ['public.a.b', 'public.a.c'] } } });
    expect((await cli(['masking', 'coverage', 'shop', '--api', url])).out).toBe('1 of 4 columns are classified (25 %); 1 of them hold something to hide.\nTags by: dba 1; the least sure of them is 90 % sure.\n  public.a.b\n  public.a.c\n  and 1 more\n');
  });
});

describe('interlock sessions end', () => {
  it('locks that session and says that its principal may come back', async () => {
    const { url, seen } = await api({ 'POST /api/v1/locks': { status: 201, body: { lock: { id: 'l-1' } } } });
    expect((await cli(['sessions', 'end', 's-1', '--reason', 'it reads too much', '--api', url])).out).toBe('Lock l-1 ends the session s-1. Its principal may connect anew.\n');
    expect(JSON.parse(seen[0]!.body)).toEqual({ scope: 'session', subject: 's-1', reason: 'it reads too much' });
  });
});
