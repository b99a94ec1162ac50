import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { RiskModel, type Configuration } from '@interlock/contracts';
import { setUp } from './setting.js';

const ALL_AGENTS = '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");\n@id("never-granted") @reason("Rights are not given here.") forbid (principal, action == Action::"grant", resource);';

const MODEL = RiskModel.parse({
  facts: [{ fact: 'hasWhere', is: false, duties: ['delete'], points: 25 }],
  acts: [{ verb: 'delete', points: 30 }, { verb: 'truncate', points: 100 }],
  recent: [{ measure: 'denials', above: 2, minutes: 10, points: 20 }],
  thresholds: { ask: { score: 50, approvers: [{ role: 'dba' }], windowMinutes: 5 }, deny: 100 },
});

function configure(configuration: Configuration): void {
  configuration.risk = MODEL;
  configuration.separation = {
    exclusiveRoles: [], tasks: [], approvers: 'at-decision',
    dynamic: [{ name: 'enter-or-pay', kind: 'session', between: [{ verb: 'insert', resource: 'Table::"sandbox/public/payouts"' }, { verb: 'update', resource: 'Table::"sandbox/public/payouts"' }], reason: 'Whoever enters a payout does not pay it.' }],
  };
}

const setting = setUp({ configure, policies: ALL_AGENTS });
beforeAll(() => setting.target.bare('sandbox', async (client) => {
  await client.query('create table things (id int); create table payouts (id int, paid boolean default false)');
}, 'standing'));

interface Refused {
  readonly rule?: string;
  readonly message: string;
}

/** What came of each text in turn: `done`, or who refused it and how. */
async function send(client: pg.Client, ...texts: (string | pg.QueryConfig)[]): Promise<('done' | Refused)[]> {
  const results: ('done' | Refused)[] = [];
  for (const text of texts) results.push(await client.query(text).then(() => 'done' as const, refusedBy));
  return results;
}

function refusedBy(fault: pg.DatabaseError): Refused {
  const { interlock } = JSON.parse(fault.detail ?? '{}') as { interlock?: { rule?: string } };
  return { message: fault.message, ...(interlock?.rule !== undefined && { rule: interlock.rule }) };
}

const sandbox = (name: string, ...texts: (string | pg.QueryConfig)[]) => setting.as(name, 'sandbox', (client) => send(client, ...texts));
const waiting = async () => (await setting.world.grants.get(await setting.world.waitingApproval()))!.value.request;
const decided = () => setting.world.events('command.decided.v1').map(({ phase, decision }) => [phase, decision.outcome, decision.risk?.score]);

describe('a command above the threshold', () => {
  it('waits for people, who see its score and terms, and runs when they agree; all of it is recorded', async () => {
    const { world } = setting;
    await setting.as('agent-support', 'sandbox', async (client) => {
      expect(await send(client, 'delete from things where id = 1')).toEqual(['done']);
      const deletion = client.query('delete from things');
      const request = await waiting();
      expect(request.risk).toMatchObject({ score: 55, terms: [{ kind: 'fact', points: 25, because: 'hasWhere is false' }, { kind: 'act', points: 30, because: 'delete is done' }] });
      expect(request.reasons).toEqual(['From risk 50 on people decide. Its risk is 55: 25 because hasWhere is false; 30 because delete is done.']);
      expect(request.ask).toMatchObject({ quorum: [{ role: 'dba', count: 1 }], rules: ['risk'], windowSeconds: 300, risk: { score: 55, model: request.risk!.model } });
      await world.vote(request.id, 'dba', 'approve');
      expect((await deletion).command).toBe('DELETE');
      expect(decided()).toEqual([['request', 'allow', 30], ['request', 'ask', 55], ['forward', 'allow', 55]]);
      const last = world.events('command.decided.v1').at(-1)!;
      expect(last).toMatchObject({ grant: { id: request.id, rules: ['risk'], risk: request.ask.risk }, circumstances: { at: expect.stringMatching(/^\d{4}-/), recent: [{ measure: 'denials', minutes: 10, value: 0 }], exercised: [] } });
      expect(last.decision.reasons.at(-1)!.message).toContain(`Lifted by grant ${request.id}`);
    });
  });

  it('far above it is denied at once', async () => {
    expect(await sandbox('agent-support', 'truncate things')).toEqual([{ rule: 'risk', message: expect.stringContaining('From risk 100 on a command is denied. Its risk is 125: 25 because hasWhere is false; 100 because truncate is done.') }]);
  });

  it('that rose while people decided is not sent', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const deletion = client.query('delete from things').then(() => 'done' as const, refusedBy);
      const request = await waiting();
      const elsewhere = await sandbox('agent-etl', 'grant select on things to public', 'grant select on things to public', 'grant select on things to public');
      expect(elsewhere.map((one) => one !== 'done' && one.rule)).toEqual(['never-granted', 'never-granted', 'never-granted']);
      await world.vote(request.id, 'dba', 'approve');
      expect(await deletion).toEqual({ rule: 'risk', message: expect.stringContaining('People agreed to 55, and it has risen since. Its risk is 75') });
      expect((await world.grants.get(request.id))!.value.status).toBe('withdrawn');
    });
  });

  it('scores what its agent did in sessions before: to connect anew is no way out', async () => {
    expect(await sandbox('agent-etl', 'select 1')).toEqual(['done']);
    expect(setting.world.events('command.decided.v1').at(-1)!.decision.risk).toMatchObject({ score: 20, terms: [{ because: '3 denials within 10 minutes, more than 2' }] });
    expect(await sandbox('agent-support', 'select 1')).toEqual(['done']);
    expect(setting.world.events('command.decided.v1').at(-1)!.decision.risk).toMatchObject({ score: 0 });
  });

  it('that people agreed to under another model is not sent', async () => {
    const { world } = setting;
    await setting.as('agent-support', 'sandbox', async (client) => {
      const deletion = client.query('delete from things').then(() => 'done' as const, refusedBy);
      const request = await waiting();
      world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, risk: { ...MODEL, acts: [...MODEL.acts, { verb: 'drop', points: 1 }] } } }));
      await world.vote(request.id, 'dba', 'approve');
      expect(await deletion).toMatchObject({ rule: 'risk', message: expect.stringContaining('What was approved is no longer allowed: From risk 50 on people decide.') });
      world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, risk: MODEL } }));
    });
  });
});

describe('two acts that one session may not both do', () => {
  const ENTER = 'insert into payouts values (1)';
  const PAY = 'update payouts set paid = true where id = 1';
  const refused = (now: string, before: string) => ({ rule: 'enter-or-pay', message: expect.stringMatching(`Whoever enters a payout does not pay it. This session has done the other: ${before} on table sandbox/public/payouts .command \\S+; now it asks for ${now} on table sandbox/public/payouts.$`) as string });

  it('are refused to it, whichever comes first, and each is allowed by itself', async () => {
    expect(await sandbox('agent-support', ENTER, ENTER, PAY, ENTER)).toEqual(['done', 'done', refused('update', 'insert'), 'done']);
    expect(await sandbox('agent-support', PAY, ENTER, 'select * from payouts')).toEqual(['done', refused('insert', 'update'), 'done']);
    const last = setting.world.events('command.decided.v1').find(({ decision }) => decision.outcome === 'deny')!;
    expect(last.circumstances!.exercised).toEqual([{ separation: 'enter-or-pay', side: 0, act: 'insert on table sandbox/public/payouts', command: expect.any(String) }]);
    expect(setting.world.problems).toEqual([]);
  });

  it('are told apart in prepared statements, too: of a Parse when it is bound, of PREPARE at once', async () => {
    expect(await sandbox('agent-support', { name: 'enter', text: 'insert into payouts values ($1)', values: [1] }, { name: 'pay', text: 'update payouts set paid = true where id = $1', values: [1] })).toEqual(['done', refused('update', 'insert')]);
    expect(await sandbox('agent-support', 'prepare enter as insert into payouts values (1)', PAY, 'execute enter')).toEqual(['done', refused('update', 'insert'), 'done']);
  });
});
