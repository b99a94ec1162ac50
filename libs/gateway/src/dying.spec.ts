import { accepted, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, BudgetState, GrantState, ObjectState, PartyActs, RpcClient } from '@interlock/contracts';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { approval, askedBefore } from '@interlock/domain-approval';
import { describe, expect, it } from 'vitest';
import { Cord, type Call } from '../spec/cord.js';
import { FakeNames } from '../spec/fake-names.js';
import { action, DBA, Given } from '../spec/given.js';
import { Custody } from './custody.js';
import { GrantBoard } from './grant-board.js';
import { CreationHistory } from './history.js';
import { Parking, type Released } from './parking.js';
import { PartyActsBook } from './party-acts.js';
import { Purse, Slices } from './purse.js';

/** What is left when a process dies: the ledger and the grants. Approval is another process, and decides by its own decider. */
class Left {
  readonly ledger = new MemoryLedger();
  readonly grants = new MemoryAggregate<GrantState>();
  #ids = 0;

  nextId(): string {
    return `g-${(this.#ids += 1)}`;
  }

  async status(id = 'g-1'): Promise<string> {
    return (await this.grants.get(id))!.value.status;
  }

  async step(id: string, command: Parameters<typeof approval.decide>[0]): Promise<GrantState> {
    const current = await this.grants.get(id);
    const decided = approval.decide(command, current?.value);
    if (!decided.ok) throw new Error(decided.refusal.detail);
    const next = decided.value.reduce<GrantState | undefined>((state, event) => approval.evolve(state, event), current?.value)!;
    if (decided.value.length > 0) await this.grants.put(id, next, current?.revision ?? 0);
    return next;
  }

  async asked(asked: ApprovalRequest, nowMs: number): Promise<Outcome<unknown>> {
    const before = askedBefore(asked, (await this.grants.list()).map(({ value }) => value), nowMs);
    if (before) return accepted({ id: before.request.id, resumed: await this.step(before.request.id, { kind: 'resume', asked, nowMs }) });
    await this.step(asked.id, { kind: 'request', request: asked });
    return accepted({ id: asked.id });
  }

  /** Decisions to forward, as the ledger has them. */
  get forwards(): number {
    return this.ledger.events.filter(({ type, data }) => type === 'command.decided.v1' && (data as { phase: string }).phase === 'forward').length;
  }

  get uses(): number {
    return this.ledger.events.filter(({ type }) => type === 'grant.consumed.v1').length;
  }
}

/** One connector's process, tied to what it leaves by a cord. */
class Connector {
  readonly given: Given;
  readonly #parking: Parking;
  released: Outcome<Released> | undefined;

  constructor(private readonly left: Left, readonly instance: string, cord = new Cord('before', () => false)) {
    this.given = new Given(cord.around('ledger', left.ledger));
    const rpc = { call: (name: string, request: never) => this.#serve(name, request) } as RpcClient;
    const problems = (problem: string): number => this.given.problems.push(problem);
    this.#parking = new Parking({
      board: new GrantBoard(cord.around('grants', left.grants), this.given.time, problems), watch: this.given.watch, clock: this.given.time, newId: () => left.nextId(), connector: 'connector-postgres', instance,
      onProblem: problems, rpc: cord.around('rpc', rpc),
    });
  }

  async park(): Promise<void> {
    const session = await this.given.session();
    const verdict = session.decide(session.readyNow()!, { ...action('ask briefly'), facts: { opaque: false } });
    await session.record({ verdicts: [verdict] });
    const custody = new Custody({ history: new CreationHistory(new MemoryAggregate<ObjectState>()), acts: new PartyActsBook(new MemoryAggregate<PartyActs>()), names: new FakeNames(), watch: this.given.watch, clock: this.given.time, session, onProblem: () => undefined });
    const purse = new Purse({ slices: new Slices({ store: new MemoryAggregate<BudgetState>(), clock: this.given.time, lessee: this.instance }), subjects: this.given.subjects(new MemoryAggregate()), watch: this.given.watch, session });
    void this.#parking.park(session, verdict, { withdraw: new AbortController().signal, custody, purse, estimate: () => Promise.resolve(accepted(0)) }).then((released) => { this.released = released; });
    await this.given.time.advance(0);
  }

  async pass(ms: number): Promise<void> {
    await this.given.time.advance(ms);
    this.given.beat();
    await this.given.time.advance(0);
  }

  async #serve(name: string, request: { readonly request: ApprovalRequest; readonly id: string }): Promise<Outcome<unknown>> {
    if (name === 'approval.request') return this.left.asked(request.request, this.given.time.nowMs());
    await this.left.step(request.id, { kind: 'withdraw', by: { connector: 'connector-postgres', instance: this.instance } });
    return accepted({});
  }
}

const isUse = ({ name, args }: Call): boolean => name === 'grants.put' && (args[1] as GrantState).status === 'consumed';
const isForwardRecord = ({ name, args }: Call): boolean => name === 'ledger.append' && (args[0] as { type: string }[]).some(({ type }) => type === 'grant.consumed.v1');

/** Asks by one connector that dies at that moment, has people agree, and comes back by another. */
async function story(cord: Cord): Promise<{ readonly left: Left; readonly first: Connector; readonly second: Connector; readonly statusAfterDeath: string }> {
  const left = new Left();
  const first = new Connector(left, '1', cord);
  await first.park();
  const { request } = (await left.grants.get('g-1'))!.value;
  const independent = { independentOfRequester: accepted(undefined), independentOfApprovers: accepted(undefined) };
  await left.step('g-1', { kind: 'vote', vote: { approver: DBA, verdict: 'approve', grantDigest: request.grantDigest, at: request.requestedAt }, standing: independent, nowMs: first.given.time.nowMs() });
  await first.pass(0);
  await first.pass(20_000);
  expect(cord.isCut).toBe(true);
  const statusAfterDeath = await left.status();
  const second = new Connector(left, '2');
  await second.given.time.advance(20_000);
  await second.park();
  await second.pass(0);
  return { left, first, second, statusAfterDeath };
}

describe('a connector that dies', () => {
  it.each<[string, Cord]>([
    ['once it has asked', new Cord('after', ({ name }) => name === 'rpc.call')],
    ['before it uses what was agreed to', new Cord('before', isUse)],
  ])('%s: it did not run, and runs when it comes back, once', async (_when, cord) => {
    const { left, first, second, statusAfterDeath } = await story(cord);
    expect([first.released, statusAfterDeath]).toEqual([undefined, 'approved']);
    expect(second.released).toMatchObject({ ok: true });
    expect([left.forwards, left.uses, await left.status()]).toEqual([1, 1, 'consumed']);
  });

  it('once it has used it, before that is recorded: it did not run, the use is lost, and people are asked anew', async () => {
    const { left, first, second, statusAfterDeath } = await story(new Cord('after', isUse));
    expect([first.released, statusAfterDeath]).toEqual([undefined, 'consumed']);
    expect([second.released, left.forwards, left.uses]).toEqual([undefined, 0, 0]);
    expect(await left.status('g-2')).toBe('pending');
  });

  it('while the use is being recorded: nothing ran without the acknowledgement, the ledger has it as allowed, and people are asked anew', async () => {
    const { left, first, second, statusAfterDeath } = await story(new Cord('after', isForwardRecord));
    expect([first.released, statusAfterDeath]).toEqual([undefined, 'consumed']);
    expect([second.released, left.forwards, left.uses]).toEqual([undefined, 1, 1]);
    expect(await left.status('g-2')).toBe('pending');
  });
});
