import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { FrontendMessage } from '@interlock/protocol-postgres';
import type { Login } from '../e2e/system/server.js';
import { errorIn, Wire } from '../e2e/system/wire.js';
import { setUp } from '../transcripts/postgres/setting.js';
import { LENIENT_RULE, RUNS, STRICT_RULE, UNMAKING_ATTACKS, type UnmakingAttack } from './unmaking-attacks.js';

const ALL_AGENTS = '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");';
const [MAKER, OTHER] = ['agent-etl', 'agent-support'];

const setting = setUp({ policies: ALL_AGENTS + STRICT_RULE });

/** Every attack has names of its own, so that none meets what another left behind. */
function named(text: string, suffix: string): string {
  return text.replaceAll(/\b(mine|theirs|was_theirs|renamed|box|inner_one|over_theirs|of_column|referring|away|front|fore|parted|dropper|dropping|shown|said|window_on|over(?=\()|keyed|brief|lasting|fresh|hidden)\b/g, `$1_${suffix}`).replaceAll('SUFFIX', suffix);
}

type Run = (who: string, statements: readonly string[]) => Promise<readonly string[]>;

/** Statements one after the other in one session; what went wrong. */
async function send(client: pg.Client, statements: readonly string[]): Promise<string[]> {
  const errors: string[] = [];
  for (const text of statements) await client.query(text).catch((fault: pg.DatabaseError) => errors.push(`${fault.code}: ${fault.message}`));
  return errors;
}

async function isTrue(query: string): Promise<boolean> {
  return setting.target.bare('sandbox', async (client) => Object.values((await client.query<Record<string, boolean>>(query)).rows[0] ?? {})[0] === true);
}

/** Makes what is there, attacks, and says whether the harm was done. */
async function attempt(attack: UnmakingAttack, suffix: string, run: Run, strike: Run = run): Promise<{ harmed: boolean; errors: readonly string[] }> {
  const own = (texts: readonly string[] = []): string[] => texts.map((text) => named(text, suffix));
  for (const [who, texts] of [[OTHER, ['create table theirs (x int)']], [MAKER, ['create table mine (x int)']]] as const) expect(await run(who, own(texts))).toEqual([]);
  expect(await run(OTHER, own(attack.others))).toEqual([]);
  expect(await run(MAKER, own(attack.made))).toEqual([]);
  expect(await bare(MAKER, own(attack.rows))).toEqual([]);
  const oid = await setting.target.bare('sandbox', async (client) => (await client.query<{ oid: string }>('select to_regclass($1)::oid::text as oid', [named('mine', suffix)])).rows[0]!.oid);
  const errors = await strike(MAKER, own(attack.statements));
  const gone = `select not exists (select from pg_class where oid = ${oid})`;
  return { harmed: attack.harm === RUNS ? errors.length === 0 : await isTrue(named(attack.harm ?? gone, suffix)), errors };
}

const bare: Run = (_who, statements) => setting.target.bare('sandbox', (client) => send(client, statements), 'standing');
const gateway: Run = (who, statements) => setting.as(who, 'sandbox', (client) => send(client, statements));

/** A statement that is bound, held in its transaction while names come to mean something else, and executed then. */
async function held(login: Login, suffix: string, { text, before = [], meanwhile, after = [] }: Held): Promise<string[]> {
  const wire = await Wire.login(login, 'sandbox');
  const queries = (texts: readonly string[]): FrontendMessage[][] => texts.map((one) => [{ kind: 'query', text: one }]);
  const steps: readonly (readonly FrontendMessage[])[] = [
    ...queries(['begin', ...before]),
    [{ kind: 'parse', statement: '', text, parameterTypes: [] }, { kind: 'bind', portal: 'held', statement: '', parameterFormats: [], parameters: [], resultFormats: [] }, { kind: 'sync' }],
    ...queries(meanwhile),
    [{ kind: 'execute', portal: 'held', maxRows: 0 }, { kind: 'sync' }],
    ...queries(['commit', ...after]),
  ];
  const errors: string[] = [];
  for (const step of steps) {
    const error = errorIn(await wire.send(...step.map((message) => ('text' in message ? { ...message, text: named(message.text, suffix) } : message))).untilReady());
    if (error) errors.push(`${error.code}: ${error.message}`);
  }
  wire.end();
  return errors;
}

interface Held {
  readonly text: string;
  readonly before?: readonly string[];
  readonly meanwhile: readonly string[];
  readonly after?: readonly string[];
}

const HELD: readonly (readonly [name: string, Held, UnmakingAttack])[] = [
  ['a drop', { text: 'drop table theirs', meanwhile: ['alter table theirs rename to was_theirs', 'alter table mine rename to theirs'] }, { name: 'held', statements: [] }],
  ['a create', { before: ['create schema fresh'], text: 'create table hidden (x int)', meanwhile: ['set search_path to fresh, public'], after: ['drop table fresh.hidden'] }, { name: 'held', statements: [], harm: RUNS }],
];

const withRule = (rule: string): void => setting.world.publish((bundle) => ({ ...bundle, policies: bundle.policies.map(({ file, text }) => ({ file, text: file === 'policies/more.cedar' ? ALL_AGENTS + rule : text })) }));

describe.each([['a rule that keeps makers from changing, too', STRICT_RULE, 's'], ['a rule about dropping alone, which leaves older objects alone', LENIENT_RULE, 'l']])('under %s, what one has made is not unmade by', (_rule, rule, letter) => {
  const cases = UNMAKING_ATTACKS.filter(({ strictOnly }) => letter === 's' || strictOnly !== true).map((attack, index) => [attack.name, attack, `${letter}${index}`] as const);

  it.each(cases)('%s', async (_name, attack, suffix) => {
    const alone = await attempt(attack, `${suffix}_bare`, bare);
    expect(alone, 'the bare target does it').toEqual({ harmed: true, errors: [] });
    withRule(rule);
    const guarded = await attempt(attack, suffix, gateway);
    expect(guarded.harmed, `the gateway let it: ${guarded.errors.join('; ')}`).toBe(false);
    expect(guarded.errors.length).toBeGreaterThan(0);
    expect(setting.world.problems).toEqual([]);
  });
});

it.each(HELD)('what one has made is not unmade by %s that was bound before its names meant something else', async (_what, statement, attack) => {
  withRule(LENIENT_RULE);
  const suffix = `held_${statement.text.slice(0, 4)}`;
  const alone = await attempt(attack, `${suffix}_bare`, bare, () => held({ host: '127.0.0.1', port: setting.target.cluster.port, ...setting.target.credentials.standing }, `${suffix}_bare`, statement));
  expect(alone, 'the bare target does it').toEqual({ harmed: true, errors: [] });
  const guarded = await attempt(attack, suffix, gateway, () => held({ host: '127.0.0.1', port: setting.world.port, user: MAKER, password: setting.world.token(MAKER) }, suffix, statement));
  expect(guarded.harmed).toBe(false);
  expect(guarded.errors[0]).toContain('was looked up when it was bound');
});
