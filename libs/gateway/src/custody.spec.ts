import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { CLAIM_MS } from '@interlock/domain-duty';
import { describe, expect, it } from 'vitest';
import type { Access, Action, FactValue, ObjectState, PartyActs, Principal } from '@interlock/contracts';
import { FakeNames } from '../spec/fake-names.js';
import { action, DBA, ETL, Given } from '../spec/given.js';
import { Custody } from './custody.js';
import { CreationHistory } from './history.js';
import { PartyActsBook } from './party-acts.js';
import { Session } from './session.js';

const SECOND: Principal = { ...ETL, name: 'agent-etl-2', subject: 'agent-etl-2' };

function about(verb: 'create' | 'drop' | 'alter' | 'do', table: string, more: { id?: string; facts?: Record<string, FactValue>; kind?: Access['object']['kind'] } = {}): Action {
  const object = { kind: more.kind ?? ('table' as const), path: ['shop', 'public', table], ...(more.id && { id: more.id }) };
  const duty = ({ create: 'create', drop: 'delete', alter: 'modify', do: 'administer' } as const)[verb];
  return { ...action(`${verb} ${table}`), verb, accesses: [{ verb, duty, object }], facts: { opaque: false, ...more.facts } };
}

/** Sessions of several principals at one target, each with a connector of its own over one store. */
class Scene {
  readonly given = new Given(new MemoryLedger());
  readonly store: MemoryAggregate<ObjectState>;
  readonly names = new FakeNames();

  constructor(store = new MemoryAggregate<ObjectState>()) {
    this.store = store;
  }

  async enter(principal: Principal): Promise<Seat> {
    this.given.beat();
    const { ledger, time: clock, watch, packer, driver, opening, conducts } = this.given;
    const name = `s-${principal.name}`;
    const opened = await Session.open({ ledger, clock, watch, packer, driver, conducts, carrier: 'connector-postgres/1' }, { ...opening, session: name, exchange: `${name}.1`, principal });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    const session = opened.value;
    return new Seat(session, new Custody({ history: new CreationHistory(this.store), acts: new PartyActsBook(new MemoryAggregate<PartyActs>()), names: this.names, watch, clock, session, onProblem: (problem) => this.given.problems.push(problem) }));
  }

  get told(): string[] {
    return this.given.ledger.events.filter(({ type }) => type.startsWith('object.')).map(({ type, data }) => `${type} ${(data as { name: string }).name}`);
  }
}

class Seat {
  constructor(readonly session: Session, readonly custody: Custody) {}

  /** Decided, claimed and recorded as one message; the refusal's reason, or the commands. */
  async send(...actions: Action[]): Promise<string[]> {
    const judge = this.session.readyNow()!;
    const verdicts = actions.map((one) => this.session.decide(judge, one));
    const claimed = await this.custody.claim(judge, verdicts);
    if (!claimed.ok) return [claimed.refusal.reason];
    await this.session.record({ verdicts, before: claimed.value });
    return verdicts.map(({ command }) => command);
  }

  async create(table: string, names: FakeNames, id: string): Promise<void> {
    const [command] = await this.send(about('create', table));
    names.ids.set(`public.${table}`, id);
    this.custody.ended(command!, true);
    await this.custody.settle();
  }

  async outcomeOf(one: Action): Promise<string> {
    const judge = this.session.readyNow()!;
    const gathered = await this.custody.gather(judge, one);
    if (!gathered.ok) return gathered.refusal.reason;
    return this.session.decide(judge, one, gathered.value).decision.outcome;
  }
}

describe('a create', () => {
  it('claims its name before it is forwarded, and is bound to the id of what it made', async () => {
    const scene = new Scene();
    const etl = await scene.enter(ETL);
    scene.names.parts.set('relation:1', ['relation:2']);
    await etl.create('t', scene.names, 'relation:1');
    await etl.session.settled();
    expect(scene.told).toEqual(['object.claimed.v1 public.t', 'object.bound.v1 public.t']);
    expect((await scene.store.list()).map(({ key, value }) => [key.split('.')[0], value.status, 'id' in value ? value.id : ''])).toEqual([
      ['name', 'bound', 'relation:1'], ['id', 'bound', 'relation:1'], ['id', 'bound', 'relation:2'],
    ]);
  });

  it('is recorded as claimed before it is allowed', async () => {
    const scene = new Scene();
    await (await scene.enter(ETL)).send(about('create', 't'));
    expect(scene.given.types.slice(-2)).toEqual(['object.claimed.v1', 'command.decided.v1']);
  });

  it('that failed is released, and the name is free', async () => {
    const scene = new Scene();
    const [etl, dba] = [await scene.enter(ETL), await scene.enter(DBA)];
    const [command] = await etl.send(about('create', 't'));
    etl.custody.ended(command!, false);
    await etl.custody.settle();
    expect(await dba.send(about('create', 't'))).toEqual(['s-dba.1.1']);
    expect(scene.told).toEqual(['object.claimed.v1 public.t', 'object.claimed.v1 public.t']);
  });

  it('races with another for a name: one wins, the other is refused', async () => {
    const scene = new Scene();
    const [etl, dba] = [await scene.enter(ETL), await scene.enter(DBA)];
    const both = await Promise.all([etl.send(about('create', 't')), dba.send(about('create', 't'))]);
    expect(both.flat().toSorted()).toEqual(['object_claimed', expect.stringMatching(/^s-/)]);
  });

  it('of something that exists claims nothing: the target says so itself', async () => {
    const scene = new Scene();
    scene.names.ids.set('public.t', 'relation:9');
    const etl = await scene.enter(ETL);
    const [command] = await etl.send(about('create', 't'));
    etl.custody.ended(command!, true);
    await etl.custody.settle();
    expect(await scene.store.list()).toEqual([]);
    expect(await etl.outcomeOf(about('drop', 't', { id: 'relation:9' }))).toBe('deny');
  });

  it('does not take what has a history of its own', async () => {
    const scene = new Scene();
    const [etl, dba] = [await scene.enter(ETL), await scene.enter(DBA)];
    await etl.create('t', scene.names, 'relation:1');
    scene.names.ids.delete('public.t');
    await dba.create('t', scene.names, 'relation:1');
    expect(await dba.outcomeOf(about('drop', 't', { id: 'relation:1' }))).toBe('allow');
    expect(await etl.outcomeOf(about('drop', 't', { id: 'relation:1' }))).toBe('deny');
  });

  it.each<[string, Action[], string]>([
    ['and a rename in one message', [about('create', 't'), about('alter', 't')], 'create_needs_its_own_message'],
    ['and a drop in one message', [about('drop', 'u'), about('create', 't')], 'create_needs_its_own_message'],
    ['and code in one message', [about('create', 't'), about('do', 'x')], 'create_needs_its_own_message'],
    ['without its whole name', [about('create', '?')], 'name_untold'],
    ['in another schema than it seems', [{ ...about('create', 't', { facts: { createsUnqualified: true } }), accesses: [{ verb: 'create', duty: 'create', object: { kind: 'table', path: ['shop', 'other', 't'] } }] }], 'names_moved'],
  ])('%s is refused, and claims nothing that stays', async (_what, actions, reason) => {
    const scene = new Scene();
    const etl = await scene.enter(ETL);
    expect(await etl.send(...actions)).toEqual([reason]);
    await etl.custody.settle();
    expect((await scene.store.list()).filter(({ value }) => value.status === 'claimed')).toEqual([]);
  });

  it('that replaces what the catalog did not have is refused', async () => {
    const scene = new Scene();
    scene.names.ids.set('public.v', 'relation:1');
    expect(await (await scene.enter(ETL)).send(about('create', 'v', { facts: { replace: true } }))).toEqual(['names_moved']);
  });

  it('is refused while the session cannot say what its name means, and while the bus is away', async () => {
    const scene = new Scene();
    const etl = await scene.enter(ETL);
    scene.names.canAnswer = false;
    expect(await etl.send(about('create', 't'))).toEqual(['identity_unknown']);
    scene.names.canAnswer = true;
    scene.store.get = () => Promise.reject(new Error('away'));
    expect(await etl.send(about('create', 't'))).toEqual(['history_unavailable']);
  });

  it('is bound later when the session could not be asked at once', async () => {
    const scene = new Scene();
    const etl = await scene.enter(ETL);
    const [command] = await etl.send(about('create', 't'));
    etl.custody.ended(command!, true);
    scene.names.canAnswer = false;
    await etl.custody.settle();
    expect(etl.custody.hasEnded).toBe(true);
    scene.names.canAnswer = true;
    scene.names.ids.set('public.t', 'relation:1');
    await etl.custody.settle();
    expect((await scene.store.list()).map(({ value }) => value.status)).toEqual(['bound', 'bound']);
  });
});

describe('a connector that is killed', () => {
  const DROP = about('drop', 't', { id: 'relation:1' });

  it('between claim and forward leaves the claim: others wait, then share it', async () => {
    const scene = new Scene();
    await (await scene.enter(ETL)).send(about('create', 't'));
    const dba = await scene.enter(DBA);
    expect(await dba.send(about('create', 't'))).toEqual(['object_claimed']);
    await scene.given.time.advance(CLAIM_MS);
    scene.given.beat();
    const again = await scene.enter(DBA);
    await again.create('t', scene.names, 'relation:1');
    expect([await (await scene.enter(ETL)).outcomeOf(DROP), await again.outcomeOf(DROP)]).toEqual(['deny', 'deny']);
  });

  it('between forward and bind leaves an object that nobody may unmake', async () => {
    const scene = new Scene();
    await (await scene.enter(ETL)).send(about('create', 't'));
    scene.names.ids.set('public.t', 'relation:1');
    expect([await (await scene.enter(ETL)).outcomeOf(DROP), await (await scene.enter(DBA)).outcomeOf(DROP)]).toEqual(['deny', 'deny']);
    const judge = (await scene.enter(ETL)).session.readyNow()!;
    const facts = async (principal: Principal) => (await scene.enter(principal)).custody.gather(judge, DROP);
    expect(await facts(ETL)).toEqual({ ok: true, value: [{ ownCreation: true, preexisting: false }] });
    expect(await facts(DBA)).toEqual({ ok: true, value: [{ ownCreation: true, preexisting: true }] });
  });
});

describe('who may unmake a table', () => {
  async function made(): Promise<Scene> {
    const scene = new Scene();
    await (await scene.enter(ETL)).create('t', scene.names, 'relation:1');
    return scene;
  }
  const drop = (more: Parameters<typeof about>[2] = {}): Action => about('drop', 't', { id: 'relation:1', ...more });

  it.each<[string, Principal, Action, string]>([
    ['not its maker, in a new session', ETL, drop(), 'deny'],
    ['not another agent of the same owner', SECOND, drop(), 'deny'],
    ['not someone behind whom nobody is known', { ...DBA, party: [] }, drop(), 'deny'],
    ['someone of another owner', DBA, drop(), 'allow'],
    ['nobody with CASCADE', DBA, drop({ facts: { cascade: true } }), 'deny'],
    ['nobody where code runs', DBA, drop({ facts: { opaque: true } }), 'deny'],
    ['nobody where its language does not say what it is', DBA, about('drop', 't'), 'deny'],
    ['nobody where the session means something else by the name', DBA, drop({ id: 'relation:7' }), 'deny'],
  ])('%s', async (_what, principal, one, expected) => {
    const scene = await made();
    expect(await (await scene.enter(principal)).outcomeOf(one)).toBe(expected);
  });

  it('is asked under the name that it has now', async () => {
    const scene = await made();
    scene.names.ids.delete('public.t');
    scene.names.ids.set('public.u', 'relation:1');
    expect(await (await scene.enter(ETL)).outcomeOf(about('drop', 'u', { id: 'relation:1' }))).toBe('deny');
    expect(await (await scene.enter(DBA)).outcomeOf(about('drop', 'u', { id: 'relation:1' }))).toBe('allow');
  });

  it('is not decided by what the catalog takes the name for', async () => {
    const scene = await made();
    await (await scene.enter(DBA)).create('theirs', scene.names, 'relation:5');
    const theirs = about('drop', 'theirs', { id: 'relation:5' });
    expect(await (await scene.enter(ETL)).outcomeOf(theirs)).toBe('allow');
    scene.names.ids.set('public.theirs', 'relation:1');
    expect(await (await scene.enter(ETL)).outcomeOf(theirs)).toBe('deny');
  });

  it('is asked of what goes with it, and of what the bare name may mean', async () => {
    const scene = await made();
    await (await scene.enter(DBA)).create('parent', scene.names, 'relation:5');
    const parent = about('drop', 'parent', { id: 'relation:5' });
    const etl = await scene.enter(ETL);
    expect(await etl.outcomeOf(parent)).toBe('allow');
    scene.names.children.set('relation:5', ['relation:1']);
    expect(await etl.outcomeOf(parent)).toBe('deny');
    scene.names.children.clear();
    scene.names.ids.set('elsewhere.parent', 'relation:1');
    expect(await etl.outcomeOf(parent)).toBe('deny');
  });

  it('is not decided while the bus is away', async () => {
    const scene = await made();
    scene.store.get = () => Promise.reject(new Error('away'));
    expect(await (await scene.enter(DBA)).outcomeOf(drop())).toBe('history_unavailable');
  });

  it('is not asked of commands whose rules do not read it', async () => {
    const scene = await made();
    const asked = scene.names.asked;
    await (await scene.enter(ETL)).outcomeOf(about('alter', 't', { id: 'relation:1' }));
    expect(scene.names.asked).toBe(asked);
  });
});
