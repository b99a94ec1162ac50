import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { RiskModel, type Configuration } from '@interlock/contracts';
import { PERMIT_MS } from '@interlock/gateway';
import type { FrontendMessage } from '@interlock/protocol-postgres';
import type { Login } from '../e2e/system/server.js';
import { errorIn, Wire } from '../e2e/system/wire.js';
import { setUp } from '../transcripts/postgres/setting.js';
import { EMPTYING, ENTERING_AND_PAYING, type RiskAttack } from './risk-attacks.js';

/** One agent for each attack: what one did lately counts against it. */
const AGENTS = [...EMPTYING, ...ENTERING_AND_PAYING, {}, {}].map((_, index) => `thief-${index}`);

const RULES = '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");';

function configure(configuration: Configuration): void {
  configuration.principals.push(...AGENTS.map((name) => ({ name, kind: 'agent' as const, issuer: 'demo', subject: name, roles: [], owners: ['owner-etl'] })));
  configuration.risk = RiskModel.parse({
    facts: [{ fact: 'hasWhere', is: false, duties: ['delete'], points: 60 }, { fact: 'tautology', is: true, duties: ['delete'], points: 60 }, { fact: 'opaque', is: true, points: 100 }, { fact: 'volatileFunctions', above: 0, points: 60 }],
    acts: [{ duty: 'delete', points: 40 }],
    recent: [{ measure: 'risk', above: 100, minutes: 10, points: 60 }, { measure: 'denials', above: 2, minutes: 10, points: 60 }],
    thresholds: { deny: 100 },
  });
  const resource = 'Table::"sandbox/public/payouts"';
  configuration.separation = { exclusiveRoles: [], tasks: [], approvers: 'at-decision', dynamic: [{ name: 'enter-or-pay', kind: 'session', between: [{ duty: 'create', resource }, { verb: 'update', resource }] }] };
}

const setting = setUp({ configure, policies: RULES });

const LAY = `
  drop table if exists stock, payouts, other cascade; drop schema if exists away cascade;
  create table stock (id int primary key); insert into stock select generate_series(1, 10);
  create view stock_view as select id from stock;
  create function empty_stock() returns void language sql as 'delete from stock';
  create table payouts (id int primary key, paid boolean default false); insert into payouts values (1);
  create view payouts_view as select * from payouts;
  create or replace function pay() returns void language sql as 'update payouts set paid = true';
`;
const lay = () => setting.target.bare('sandbox', (client) => client.query(`drop function if exists empty_stock, pay; ${LAY}`), 'standing');
const isTrue = (query: string) => setting.target.bare('sandbox', async (client) => (await client.query<{ yes: boolean }>(query)).rows[0]!.yes);

type Work = <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;

/** Sends the attack; what went wrong. */
async function attempt({ statements, bound, anew }: RiskAttack, as: Work): Promise<string[]> {
  const errors: string[] = [];
  const send = async (client: pg.Client, index: number): Promise<void> => {
    const values = bound?.[index];
    await client.query({ text: statements[index]!, ...(values && { values: [...values] }) }).catch((fault: Error) => errors.push(fault.message));
  };
  if (anew) for (const index of statements.keys()) await as((client) => send(client, index));
  else await as(async (client) => { for (const index of statements.keys()) await send(client, index); });
  return errors;
}

const EMPTY = 'select count(*) = 0 as yes from stock';
const bare: Work = (work) => setting.target.bare('sandbox', work, 'standing');
const attacks = (list: readonly RiskAttack[], first: number) => list.map((attack, index) => [attack.name, attack, AGENTS[first + index]!] as const);

async function bothSides(attack: RiskAttack, agent: string, harm: string): Promise<void> {
  await lay();
  expect(await attempt(attack, bare), 'the bare target does it').toEqual([]);
  expect(await isTrue(harm), 'the harm is seen').toBe(true);
  await lay();
  const errors = await attempt(attack, (work) => setting.as(agent, 'sandbox', work));
  expect(errors.length).toBeGreaterThan(0);
  expect(await isTrue(harm), errors.join('; ')).toBe(false);
  expect(setting.world.problems).toEqual([]);
}

describe('what counts as risk is not emptied', () => {
  it.each(attacks(EMPTYING, 0))('%s', (_, attack, agent) => bothSides(attack, agent, EMPTY));

  it('and a little of it is allowed', async () => {
    await lay();
    expect(await attempt({ name: '', statements: ['delete from stock where id = 1', 'delete from stock where id = 2', 'select * from stock'] }, (work) => setting.as(AGENTS.at(-1)!, 'sandbox', work))).toEqual([]);
  });
});

it('what was bound while little counted against it is not executed later', async () => {
  const held = async (login: Login): Promise<string[]> => {
    const wire = await Wire.login(login, 'sandbox');
    const errors: string[] = [];
    const send = async (...messages: readonly FrontendMessage[]): Promise<void> => {
      const error = errorIn(await wire.send(...messages, { kind: 'sync' }).untilReady());
      if (error) errors.push(error.message);
    };
    errors.push(...[errorIn(await wire.send({ kind: 'query', text: 'begin' }).untilReady())?.message ?? []].flat());
    await send({ kind: 'parse', statement: '', text: 'delete from stock where id > 0', parameterTypes: [] }, { kind: 'bind', portal: 'held', statement: '', parameterFormats: [], parameters: [], resultFormats: [] });
    await sleep(PERMIT_MS + 200);
    await send({ kind: 'execute', portal: 'held', maxRows: 0 });
    errors.push(...[errorIn(await wire.send({ kind: 'query', text: 'commit' }).untilReady())?.message ?? []].flat());
    wire.end();
    return errors;
  };
  await lay();
  expect(await held({ host: '127.0.0.1', port: setting.target.cluster.port, ...setting.target.credentials.standing })).toEqual([]);
  expect(await isTrue(EMPTY)).toBe(true);
  await lay();
  const errors = await held({ host: '127.0.0.1', port: setting.world.port, user: AGENTS.at(-2)!, password: setting.world.token(AGENTS.at(-2)!) });
  expect(errors).toEqual([expect.stringContaining('was decided by the time and by what was done lately when it was bound')]);
  expect(await isTrue(EMPTY)).toBe(false);
});

describe('what one session may not both do is not done', () => {
  const harm = 'select count(*) = 2 and bool_or(paid) as yes from payouts';
  it.each(attacks(ENTERING_AND_PAYING, EMPTYING.length))('%s', (_, attack, agent) => bothSides(attack, agent, harm));

  it('and two sessions may: that is what the separation says, and no more', async () => {
    await lay();
    const apart: RiskAttack = { name: '', statements: ['insert into payouts values (2)', 'update payouts set paid = true where id = 2'], anew: true };
    expect(await attempt(apart, (work) => setting.as(AGENTS.at(-2)!, 'sandbox', work))).toEqual([]);
    expect(await isTrue(harm)).toBe(true);
  });
});
