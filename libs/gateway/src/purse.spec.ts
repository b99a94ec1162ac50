import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { Budget, type Action, type BudgetState, type Principal, type SubjectsState } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { action, bundle, CONFIGURATION, ETL, Given } from '../spec/given.js';
import { Purse, Slices } from './purse.js';
import { Session } from './session.js';


const SUB: Principal = { ...ETL, name: 'agent-sub', subject: 'agent-sub' };
const entry = (name: string, most: number, more: object = {}): Budget => Budget.parse({ name, of: { principal: 'agent-etl' }, what: 'commands', most, windowSeconds: 3_600, ...more });
const READ = action('read');
const CHANGE: Action = { ...action('change'), verb: 'update', accesses: [{ verb: 'update', duty: 'modify', object: { kind: 'table', path: ['t'] } }] };

class Scene {
  readonly given = new Given(new MemoryLedger());
  readonly store = new MemoryAggregate<BudgetState>();
  readonly slices = new Slices({ store: this.store, clock: this.given.time, lessee: 'c-1' });
  readonly shown = new MemoryAggregate<SubjectsState>();
  readonly subjects = this.given.subjects(this.shown);

  constructor(...budgets: Budget[]) {
    this.budgets(...budgets);
  }

  budgets(...budgets: Budget[]): void {
    const sequence = this.given.control.state.sequence + 1;
    this.given.change({ bundleHash: String(sequence), bundle: bundle(sequence, { configuration: { ...CONFIGURATION, budgets } }) });
    this.given.beat();
  }

  async enter(principal = ETL): Promise<(...actions: Action[]) => Promise<string>> {
    return (await this.open(principal)).take;
  }

  async open(principal = ETL): Promise<{ readonly purse: Purse; readonly session: Session; readonly take: (...actions: Action[]) => Promise<string> }> {
    this.given.beat();
    const { ledger, time: clock, watch, packer, driver, conducts, opening } = this.given;
    const opened = await Session.open({ ledger, clock, watch, packer, driver, conducts, carrier: 'connector-postgres/1' }, { ...opening, principal });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    const purse = new Purse({ slices: this.slices, subjects: this.subjects, watch, session: opened.value });
    const take = async (...actions: Action[]): Promise<string> => {
      const spent = await purse.take(actions.map((one) => opened.value.decide(opened.value.readyNow()!, one)));
      return spent.ok ? 'ok' : spent.refusal.detail.split(' ')[1]!;
    };
    return { purse, session: opened.value, take };
  }

  /** What becomes of two commands of each of two agents, turn by turn. */
  async inTurns(): Promise<string[]> {
    const [one, other] = [await this.enter(), await this.enter(SUB)];
    return [await one(READ), await other(READ), await one(READ), await other(READ)];
  }

  /** What is leased of each budget. */
  async leased(): Promise<Record<string, number>> {
    return Object.fromEntries((await this.store.list()).map(({ value }) => [value.budget, value.leases.reduce((sum, { amount }) => sum + amount, 0)]));
  }
}

describe('a purse', () => {
  it('draws on every budget that covers the command, and asks the bus nothing for one that none covers', async () => {
    const scene = new Scene(entry('all', 2), entry('changes', 1, { what: 'mutations' }), entry('elsewhere', 1, { target: 'other' }), entry('theirs', 1, { of: { role: 'dba' } }));
    const take = await scene.enter();
    expect([await take(READ), await take(CHANGE)]).toEqual(['ok', 'ok']);
    expect(await scene.leased()).toEqual({ all: 2, changes: 1 });
    expect(await (await scene.enter(SUB))(READ)).toBe('ok');
    expect(await scene.leased()).toEqual({ all: 2, changes: 1 });
  });

  it('counts every statement of a message, and takes for all of them or for none', async () => {
    const take = await new Scene(entry('all', 3)).enter();
    expect([await take(READ, READ), await take(READ, READ), await take(READ)]).toEqual(['ok', 'all', 'ok']);
  });

  it('puts back what it took of one budget when another is used up', async () => {
    const take = await new Scene(entry('all', 2), entry('changes', 1, { what: 'mutations' })).enter();
    expect([await take(CHANGE), await take(CHANGE), await take(READ)]).toEqual(['ok', 'changes', 'ok']);
  });

  it('is the same for any number of sessions', async () => {
    const scene = new Scene(entry('all', 2));
    const sessions = await Promise.all([scene.enter(), scene.enter(), scene.enter()]);
    expect(await Promise.all(sessions.map((take) => take(READ)))).toEqual(['ok', 'ok', 'all']);
  });

  it('is shared by all agents of a human, and split where shares are set aside', async () => {
    const party = await new Scene(entry('ours', 2, { of: { party: 'owner-etl' } })).inTurns();
    expect(party).toEqual(['ok', 'ok', 'ours', 'ours']);
    const divided = await new Scene(entry('ours', 2, { of: { party: 'owner-etl' }, divide: [{ principal: 'agent-sub', most: 1 }] })).inTurns();
    expect(divided).toEqual(['ok', 'ok', 'ours', 'ours']);
  });

  it('keeps a share for its agent, and its agent to its share', async () => {
    const scene = new Scene(entry('ours', 3, { divide: [{ principal: 'agent-sub', most: 1 }] }));
    const [parent, sub] = [await scene.enter(), await scene.enter(SUB)];
    expect([await parent(READ), await parent(READ), await parent(READ)]).toEqual(['ok', 'ok', 'ours']);
    expect([await sub(READ), await sub(READ)]).toEqual(['ok', 'ours']);
  });

  it('sends a query while a row is left, and has rows paid for as they come', async () => {
    const scene = new Scene(entry('rows', 3, { what: 'rowsReturned' }), entry('bytes', 25, { what: 'bytes' }));
    const { take, purse } = await scene.open();
    const query: Action = { ...READ, facts: { returnsRows: true } };
    expect([await take(query, query, query, query), await take(READ)]).toEqual(['ok', 'ok']);
    const pay = async (bytes: number): Promise<string> => {
      if (purse.meter!.pass(bytes)) return 'at hand';
      const more = await purse.meter!.more(bytes, 'c');
      return more.ok ? 'leased' : more.refusal.detail.split(' ')[1]!;
    };
    expect([await pay(10), await pay(20), await pay(10), await pay(6), await pay(5), await pay(1)]).toEqual(['leased', 'bytes', 'leased', 'bytes', 'leased', 'rows']);
    expect(await take(query)).toBe('rows');
  });

  it('counts nothing of answers that no budget covers', async () => {
    const { purse } = await new Scene(entry('all', 2)).open();
    expect(purse.meter).toBeUndefined();
  });

  it('goes by the budgets of the newest word', async () => {
    const scene = new Scene();
    const take = await scene.enter();
    expect(await take(READ)).toBe('ok');
    scene.budgets(entry('new', 1));
    expect([await take(READ), await take(READ)]).toEqual(['ok', 'new']);
  });
});

describe('a budget of subjects', () => {
  const people = (most: number, more: object = {}): Budget => entry('people', most, { what: 'subjects', target: 'shop', subjects: ['public.people.id'], ...more });
  const rowOf = (...subjects: string[]) => subjects.map((subject) => ({ budget: 'people', subject }));

  async function show({ purse }: { readonly purse: Purse }, subjects: readonly string[], later: readonly string[] = []): Promise<string> {
    const row = rowOf(...subjects);
    if (purse.meter!.pass(10, row)) return 'known';
    const more = await purse.meter!.more(10, 'c', row, rowOf(...later));
    return more.ok ? 'counted' : more.refusal.reason;
  }

  it('counts a subject once, over sessions, and lets commands be sent when it is used up', async () => {
    const scene = new Scene(people(2));
    const [one, other] = [await scene.open(), await scene.open()];
    expect([await show(one, ['a']), await show(one, ['a']), await show(other, ['a']), await show(other, ['b']), await show(one, ['c']), await show(one, ['a', 'b'])]).toEqual(['counted', 'known', 'known', 'counted', 'budget_used_up', 'known']);
    expect([await one.take({ ...READ, facts: { returnsRows: true } }), await show(one, [])]).toEqual(['ok', 'known']);
  });

  it('is told in the ledger by how many count, and holds no value in the stream', async () => {
    const scene = new Scene(people(5));
    const opened = await scene.open();
    await show(opened, ['ada@clinic.test'], ['bo@clinic.test', 'ada@clinic.test']);
    await opened.session.settled();
    const told = scene.given.ledger.events.filter(({ type }) => type === 'budget.leased.v1').map(({ data }) => data);
    expect(told).toMatchObject([{ budget: 'people', account: 'principal agent-etl', amount: 2, leased: 2, most: 5 }]);
    const [stored] = await scene.shown.list();
    expect([stored?.key, stored?.value.windows[0]?.subjects]).toEqual([expect.stringMatching(/^subjects\.[0-9a-f]{64}$/), [expect.stringMatching(/^[0-9a-f]{4}-ada@/), expect.stringMatching(/^[0-9a-f]{4}-bo@/)]]);
  });

  it('has a row paid for by its other budgets, too', async () => {
    const opened = await new Scene(people(9), entry('rows', 1, { what: 'rowsReturned' })).open();
    expect([await show(opened, ['a']), await show(opened, ['a'])]).toEqual(['counted', 'budget_used_up']);
  });

  it('refuses a subject of a budget that is no more', async () => {
    const scene = new Scene(people(9), entry('rows', 5, { what: 'rowsReturned' }));
    const opened = await scene.open();
    scene.budgets(entry('rows', 5, { what: 'rowsReturned' }));
    expect(await show(opened, ['a'])).toBe('budget_unavailable');
  });
});
