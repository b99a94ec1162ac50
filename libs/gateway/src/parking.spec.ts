import { accepted, refused, type Outcome, type Refusal } from '@interlock/kernel';
import { Budget, type Action, type ApprovalRequest, type BudgetState, type GrantState, type ObjectState, type PartyActs, type Principal, type RpcClient, type Vote } from '@interlock/contracts';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { approval, askedBefore, glass } from '@interlock/domain-approval';
import { grantDigest } from '@interlock/domain-session';
import { describe, expect, it } from 'vitest';
import { action, bundle, CONFIGURATION, DBA, ETL, Given } from '../spec/given.js';
import { FakeNames } from '../spec/fake-names.js';
import { Custody } from './custody.js';
import { NO_EFFECT, type Effect } from './effect.js';
import { GrantBoard } from './grant-board.js';
import { CreationHistory } from './history.js';
import { Parking, type Released } from './parking.js';
import { PartyActsBook } from './party-acts.js';
import { Purse, Slices } from './purse.js';
import type { Session } from './session.js';
import { WITHDRAW_ATTEMPTS } from './withdrawal.js';

const AWAY: Refusal = { reason: 'unavailable', detail: 'Approval does not answer.', retryable: true };

/** Approval as the service decides it, by the same decider. */
class Scene {
  readonly given = new Given(new MemoryLedger());
  readonly withdraw = new AbortController();
  readonly grants: MemoryAggregate<GrantState>;
  readonly parking: Parking;
  session!: Session;
  #ids = 0;

  released: Outcome<Released> | undefined;
  /** The next request for approval is stored, and its answer lost. */
  heardInVain = false;

  digest = '';
  readonly told: string[] = [];

  constructor(grants = new MemoryAggregate<GrantState>()) {
    this.grants = grants;
    this.parking = new Parking({
      board: new GrantBoard(this.grants, this.given.time, (problem) => this.given.problems.push(problem)), watch: this.given.watch, clock: this.given.time, newId: () => `g-${(this.#ids += 1)}`, connector: 'connector-postgres', instance: '1',
      onProblem: (problem) => this.given.problems.push(problem),
      rpc: { call: (name, request) => this.#serve(name, request as never) } as RpcClient,
    });
  }

  /** Refusals that approval answers in order, before it serves again. */
  readonly refusals: { readonly name: string; readonly refusal: Refusal }[] = [];

  readonly objects = new MemoryAggregate<ObjectState>();
  readonly budgets = new MemoryAggregate<BudgetState>();
  readonly names = new FakeNames();
  /** What the target expects by then. */
  rows: Outcome<number> = accepted(7);

  effect: Effect = NO_EFFECT;

  async park(text = 'ask people', accesses: Action['accesses'] = [], principal?: Principal): Promise<void> {
    this.session = await this.given.session(principal);
    const verdict = this.session.decide(this.session.readyNow()!, { ...action(text), accesses, facts: { opaque: false }, ...(text.includes('glass') && { stated: { breakGlass: 'the shop is down' } }) });
    this.digest = verdict.actionDigest;
    await this.session.record({ verdicts: [verdict] });
    void this.parking.park(this.session, verdict, { withdraw: this.withdraw.signal, custody: this.#custody(), purse: this.#purse(), effect: this.effect, estimate: () => Promise.resolve(this.rows), onAsked: ({ id }) => this.told.push(id) }).then((released) => { this.released = released; });
    await this.given.time.advance(0);
  }

  #purse(): Purse {
    return new Purse({ slices: new Slices({ store: this.budgets, clock: this.given.time, lessee: 'c-1' }), subjects: this.given.subjects(new MemoryAggregate()), watch: this.given.watch, session: this.session });
  }

  #custody(): Custody {
    return new Custody({ history: new CreationHistory(this.objects), acts: new PartyActsBook(new MemoryAggregate<PartyActs>()), names: this.names, watch: this.given.watch, clock: this.given.time, session: this.session, onProblem: (problem) => this.given.problems.push(problem) });
  }

  async vote(approver: Principal, verdict: 'approve' | 'deny' = 'approve', more: Partial<Vote> = {}): Promise<void> {
    const { request } = (await this.grants.get('g-1'))!.value;
    const standing = { independentOfRequester: accepted(undefined), independentOfApprovers: accepted(undefined) };
    await this.#step({ kind: 'vote', vote: { approver, verdict, grantDigest: request.grantDigest, at: '2026-01-01T00:00:00.000Z', ...more }, standing, nowMs: this.given.time.nowMs() });
    this.given.beat();
    await this.given.time.advance(0);
  }

  async status(): Promise<string> {
    return (await this.grants.get('g-1'))!.value.status;
  }

  async #step(command: Parameters<typeof approval.decide>[0], id = 'g-1'): Promise<GrantState | undefined> {
    const current = await this.grants.get(id);
    const decided = approval.decide(command, current?.value);
    if (!decided.ok) throw new Error(decided.refusal.detail);
    const next = decided.value.reduce<GrantState | undefined>((state, event) => approval.evolve(state, event), current?.value);
    if (decided.value.length > 0) await this.grants.put(id, next!, current?.revision ?? 0);
    return next;
  }

  async #serve(name: string, request: never): Promise<Outcome<unknown>> {
    const [next] = this.refusals;
    if (next?.name === name) return { ok: false, refusal: this.refusals.shift()!.refusal };
    const { connector, instance, id } = request as Record<string, string>;
    if (name === 'approval.breakGlass') return this.#broken((request as { request: ApprovalRequest }).request);
    if (name === 'approval.request') return this.#asked((request as { request: ApprovalRequest }).request);
    if (await this.grants.get(id!)) await this.#step({ kind: 'withdraw', by: { connector, instance } } as never, id);
    return accepted({});
  }

  async #broken(request: ApprovalRequest): Promise<Outcome<unknown>> {
    const decided = glass.decide({ kind: 'break', request, nowMs: this.given.time.nowMs() }, undefined);
    if (!decided.ok) return decided;
    const state = this.tampered(glass.evolve(undefined, decided.value[0]!)!);
    await this.grants.put(request.id, state, 0);
    return accepted({ id: request.id, resumed: state });
  }

  async #asked(request: ApprovalRequest): Promise<Outcome<unknown>> {
    const nowMs = this.given.time.nowMs();
    const before = askedBefore(request, (await this.grants.list()).map(({ value }) => value), nowMs);
    const resumed = before && (await this.#step({ kind: 'resume', asked: request, nowMs }, before.request.id));
    if (!before) await this.#step({ kind: 'request', request }, request.id);
    return this.heardInVain ? { ok: false, refusal: AWAY } : accepted({ id: request.id, ...(resumed && { resumed: this.tampered(resumed) }) });
  }

  /** What approval makes of a state that it answers. */
  tampered = (state: GrantState): GrantState => state;
}

describe('a parked command', () => {
  it('waits, and is released once people agreed: consumed, decided again, recorded, permitted', async () => {
    const scene = new Scene();
    await scene.park();
    expect(scene.released).toBeUndefined();
    expect(scene.told).toEqual(['g-1']);
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: true });
    expect(scene.released?.ok && scene.released.value.permit.covers('shop', scene.digest, scene.given.time.nowMs())).toBe(true);
    expect(await scene.status()).toBe('consumed');
    expect(scene.given.types.slice(1)).toEqual(['command.decided.v1', 'grant.consumed.v1', 'command.decided.v1']);
  });

  describe('whose sender breaks the glass', () => {
    const effect: Effect = { preview: () => Promise.reject(new Error('nobody reads a preview')), prepare: () => Promise.reject(new Error('nothing holds it')) };

    it('runs at once, by a grant that nobody agreed to, decided again, recorded and used once', async () => {
      const scene = new Scene();
      scene.effect = effect;
      await scene.park('ask glass', [], DBA);
      expect(scene.released).toMatchObject({ ok: true });
      expect(await scene.status()).toBe('consumed');
      expect(scene.given.ledger.events.slice(1).map(({ type, data }) => `${type} ${JSON.stringify((data as { approvers?: unknown; grant?: unknown }).approvers ?? (data as { grant?: { glass?: true } }).grant?.glass ?? '')}`)).toEqual(['command.decided.v1 ""', 'grant.consumed.v1 []', 'command.decided.v1 true']);
    });

    it('does not run without the ledger, and then nobody can use what is left', async () => {
      const scene = new Scene();
      scene.effect = effect;
      scene.tampered = (state) => { scene.given.ledger.failWith('away'); return state; };
      await scene.park('ask glass', [], DBA);
      await scene.given.time.advance(10_000);
      expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'ledger_unavailable' } });
      expect(await scene.status()).toBe('consumed');
    });

    it.each<[string, (scene: Scene) => void, Principal, string]>([
      ['while approval does not answer', ({ refusals }) => { refusals.push({ name: 'approval.breakGlass', refusal: AWAY }); }, DBA, 'approval_unavailable'],
      ['for an agent', () => undefined, ETL, 'approval_unavailable'],
      ['when approval says that it was not broken', (scene) => { scene.tampered = ({ glass: _broken, ...state }) => state; }, DBA, 'grant_not_usable'],
      ['when its sender is locked meanwhile', (scene) => { scene.tampered = (state) => { scene.given.lock('principal', 'dba'); scene.given.beat(); return state; }; }, DBA, 'grant_not_usable'],
      ['when the rules refuse it all the same', () => undefined, DBA, 'refused_by_rule'],
    ])('does not run %s', async (what, change, principal, reason) => {
      const scene = new Scene();
      change(scene);
      await scene.park(what.startsWith('when the rules') ? 'ask glass always' : 'ask glass', [], principal);
      expect(scene.released).toMatchObject({ ok: false, refusal: { reason } });
      expect(scene.given.types).not.toContain('grant.consumed.v1');
    });
  });

  describe('whose rules read what the target expects', () => {
    const update: Action['accesses'] = [{ verb: 'update', duty: 'modify', object: { kind: 'table', path: ['shop', 'public', 'orders'] } }];
    const forwarded = (scene: Scene) => scene.given.ledger.events.filter(({ type }) => type === 'command.decided.v1').at(-1)!.data as { readonly phase: string; readonly gathered?: unknown };

    it('is decided again by what it expects when people have agreed', async () => {
      const scene = new Scene();
      await scene.park('ask people', update);
      await scene.vote(DBA);
      expect(scene.released).toMatchObject({ ok: true });
      expect(forwarded(scene)).toMatchObject({ phase: 'forward', gathered: [{ estimatedRows: 7 }] });
    });

    it.each<[string, Outcome<number>, string]>([
      ['more than rules allow', accepted(101), 'rule'], ['nobody knows how many', refused('estimate_unavailable', 'It does not say.'), 'estimate_unavailable'],
    ])('is refused, and its grant withdrawn, when it is %s by then', async (_, rows, reason) => {
      const scene = new Scene();
      await scene.park('ask people', update);
      scene.rows = rows;
      await scene.vote(DBA);
      expect(scene.released).toMatchObject({ ok: false, refusal: reason === 'rule' ? { rule: reason } : { reason } });
      expect(await scene.status()).toBe('withdrawn');
    });
  });

  it('that was signed is not released where nobody runs it under elevated rights', async () => {
    const scene = new Scene();
    await scene.park('ask people, signed');
    await scene.vote(DBA, 'approve', { assertion: { authenticator: 'aWQ', clientData: 'e30', authenticatorData: 'AA', signature: 'AA' } });
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'elevated_unavailable' } });
    expect(await scene.status()).toBe('withdrawn');
  });

  it.each<[string, (scene: Scene) => Promise<void> | void, string, string]>([
    ['is refused when denied', (scene) => scene.vote(DBA, 'deny'), 'approval_denied', 'denied'],
    ['is refused when nobody decides in time', (scene) => scene.given.time.advance(60_000), 'approval_expired', 'pending'],
    ['is withdrawn with its client', async (scene) => { scene.withdraw.abort(); await scene.given.time.advance(0); }, 'withdrawn', 'withdrawn'],
    ['is refused when the control plane is silent at the moment of agreement', async (scene) => {
      await scene.given.time.advance(10_000);
      const { request } = (await scene.grants.get('g-1'))!.value;
      const state = (await scene.grants.get('g-1'))!;
      await scene.grants.put('g-1', { ...state.value, status: 'approved', votes: [{ approver: DBA, verdict: 'approve', grantDigest: request.grantDigest, at: '' }] }, state.revision);
      await scene.given.time.advance(10_000);
    }, 'control_plane_silent', 'withdrawn'],
    ['is refused when its session was locked meanwhile', async (scene) => {
      scene.given.lock('session', 's-1');
      scene.session.review();
      await scene.vote(DBA);
    }, 'locked', 'withdrawn'],
    ['is refused when its session was locked before the agreement, and the word is still on its way', async (scene) => {
      scene.given.watch.onChange(() => scene.session.review());
      scene.given.unfollowed.push({ locks: new Map([['l', { id: 'l', scope: 'session', subject: 's-1', reason: 'a test', by: 'dba', at: '' }]]) });
      await scene.vote(DBA);
    }, 'locked', 'withdrawn'],
    ['is refused when nobody can tell what is in force', async (scene) => {
      scene.given.controlFails = true;
      await scene.vote(DBA);
    }, 'control_plane_silent', 'withdrawn'],
    ['is refused when its requester no longer stands in the configuration', async (scene) => {
      scene.given.change({ bundle: bundle(2, { configuration: { ...CONFIGURATION, principals: CONFIGURATION.principals.filter(({ name }) => name !== 'dba') } }), bundleHash: '2' });
      await scene.vote(DBA);
    }, 'grant_not_usable', 'withdrawn'],
  ])('%s', async (_, happen, reason, status) => {
    const scene = new Scene();
    await scene.park();
    await happen(scene);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason } });
    expect(await scene.status()).toBe(status);
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });

  it('is refused when the state holds votes that do not agree to it', async () => {
    const scene = new Scene();
    await scene.park();
    const state = (await scene.grants.get('g-1'))!;
    await scene.grants.put('g-1', { ...state.value, status: 'approved', votes: [{ approver: DBA, verdict: 'approve', grantDigest: 'another', at: '' }] }, state.revision);
    scene.given.beat();
    await scene.given.time.advance(0);
    expect(scene.released).toMatchObject({ ok: false });
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });

  it('is released too when the change of its grant was not heard of', async () => {
    class Deaf extends MemoryAggregate<GrantState> {
      override follow(): Promise<void> {
        return Promise.reject(new Error('no road'));
      }
    }
    const scene = new Scene(new Deaf());
    await scene.park();
    await scene.vote(DBA);
    expect(scene.released).toBeUndefined();
    await scene.given.time.advance(1_000);
    scene.given.beat();
    await scene.given.time.advance(1_000);
    expect(scene.released).toMatchObject({ ok: true });
    expect(scene.given.problems).toEqual([expect.stringContaining('cannot be followed')]);
  });

  it('is withdrawn later when approval does not take it at once, and that is told', async () => {
    const scene = new Scene();
    await scene.park();
    scene.refusals.push(...Array.from({ length: 3 }, () => ({ name: 'approval.withdraw', refusal: AWAY })));
    scene.withdraw.abort();
    await scene.given.time.advance(0);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'withdrawn' } });
    expect(await scene.status()).toBe('pending');
    expect(scene.given.problems).toEqual([expect.stringContaining('Approval g-1 could not be withdrawn (unavailable)')]);
    await scene.given.time.advance(3_000);
    expect(await scene.status()).toBe('withdrawn');
    expect(scene.given.problems).toHaveLength(1);
  });

  it('stays open when approval never takes its withdrawal, and that is told', async () => {
    const scene = new Scene();
    await scene.park();
    scene.refusals.push(...Array.from({ length: WITHDRAW_ATTEMPTS }, () => ({ name: 'approval.withdraw', refusal: AWAY })));
    scene.withdraw.abort();
    await scene.given.time.advance(60_000);
    expect(scene.refusals).toEqual([]);
    expect(await scene.status()).toBe('pending');
    expect(scene.given.problems).toEqual([expect.stringContaining('it is tried again'), expect.stringContaining(`in ${WITHDRAW_ATTEMPTS} attempts`)]);
  });

  it('is not withdrawn again where approval refuses for good, and that is told', async () => {
    const scene = new Scene();
    await scene.park();
    scene.refusals.push({ name: 'approval.withdraw', refusal: { reason: 'not_yours', detail: 'It is not yours.' } });
    scene.withdraw.abort();
    await scene.given.time.advance(60_000);
    expect(await scene.status()).toBe('pending');
    expect(scene.given.problems).toEqual([expect.stringContaining('cannot be withdrawn (not_yours)')]);
  });

  it('is taken back when approval gave no answer to the request for it', async () => {
    const scene = new Scene();
    scene.heardInVain = true;
    await scene.park();
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approval_unavailable', retryable: true } });
    expect(scene.told).toEqual([]);
    expect(await scene.status()).toBe('withdrawn');
  });

  it('hears what approval says of too many', async () => {
    const scene = new Scene();
    scene.refusals.push({ name: 'approval.request', refusal: { reason: 'approvals_too_many', detail: 'There are too many.' } });
    await scene.park();
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approvals_too_many' } });
  });

  it('is refused before anyone is asked when it is too long to be read', async () => {
    const scene = new Scene();
    await scene.park(`ask ${'x'.repeat(64 * 1024)}`);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approval_too_large', hint: expect.stringContaining('smaller') } });
    expect(await scene.grants.get('g-1')).toBeUndefined();
    expect(scene.told).toEqual([]);
  });

  it('is refused as not recorded when its denial at forwarding is not', async () => {
    const scene = new Scene();
    await scene.park('ask always');
    scene.given.ledger.failWith('away');
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'ledger_unavailable' } });
    expect(await scene.status()).toBe('withdrawn');
  });
});

describe('a command whose wait is over', () => {
  it('is refused by the name of its approval, which stays open', async () => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(9_999);
    expect(scene.released).toBeUndefined();
    await scene.given.time.advance(1);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approval_pending', retryable: true, detail: expect.stringContaining('approval g-1 within 10 s'), hint: expect.stringContaining('same command') } });
    expect(await scene.status()).toBe('pending');
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });

  it('waits on for the same approval when it comes back', async () => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(10_000);
    await scene.park('ask briefly');
    expect(scene.told).toEqual(['g-1', 'g-1']);
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: true });
    expect([await scene.status(), (await scene.grants.list()).length]).toEqual(['consumed', 1]);
  });

  it('runs at once when people agreed meanwhile, and once', async () => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(10_000);
    await scene.vote(DBA);
    await scene.park('ask briefly');
    expect(scene.released).toMatchObject({ ok: true });
    expect(await scene.status()).toBe('consumed');
    await scene.park('ask briefly');
    expect(scene.told).toEqual(['g-1', 'g-1', 'g-3']);
  });

  it.each<[string, (scene: Scene) => Promise<unknown>]>([
    ['another command', (scene) => scene.park('ask briefly, but otherwise')],
    ['the same one while the first still waits', (scene) => scene.park('ask briefly')],
  ])('is nothing that %s could come back for', async (what, then) => {
    const scene = new Scene();
    await scene.park('ask briefly');
    if (what.startsWith('another')) await scene.given.time.advance(10_000);
    await then(scene);
    expect(scene.told).toEqual(['g-1', 'g-2']);
  });

  it('comes back until its window ends and no longer', async () => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(55_000);
    await scene.park('ask briefly');
    await scene.given.time.advance(5_000);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approval_expired' } });
    await scene.park('ask briefly');
    expect(scene.told).toEqual(['g-1', 'g-1', 'g-3']);
  });

  it('withdraws what it came back for when it is cancelled', async () => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(10_000);
    await scene.park('ask briefly');
    scene.withdraw.abort();
    await scene.given.time.advance(0);
    expect(await scene.status()).toBe('withdrawn');
  });

  it('is not independent of whoever it says it came from, but of its own requester', async () => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(10_000);
    await scene.vote({ ...DBA, name: 'owner-etl', subject: 'owner-etl', party: ['owner-etl'] });
    scene.tampered = (state) => ({ ...state, request: { ...state.request, requester: { ...DBA, kind: 'agent', name: 'agent-else', subject: 'agent-else', party: ['someone-else'] } } });
    await scene.park('ask briefly');
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });

  it.each<[string, (state: GrantState) => GrantState]>([
    ['another command', (state) => ({ ...state, request: { ...state.request, actionDigest: 'another' } })],
    ['another rule', (state) => ({ ...state, request: { ...state.request, ask: { ...state.request.ask, ruleHash: 'another' } } })],
    ['a longer window than its digest says', (state) => ({ ...state, request: { ...state.request, expiresAt: '2099-01-01T00:00:00.000Z' } })],
  ])('takes no word for it that it asked for %s', async (_what, tamper) => {
    const scene = new Scene();
    await scene.park('ask briefly');
    await scene.given.time.advance(10_000);
    await scene.vote(DBA);
    scene.tampered = tamper;
    await scene.park('ask briefly');
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approval_unavailable' } });
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });
});

describe('a parked command about objects', () => {
  const access = (verb: 'create' | 'drop', id?: string): Action['accesses'] => [{ verb, duty: verb === 'drop' ? 'delete' : 'create', object: { kind: 'table', path: ['shop', 'public', 't'], ...(id && { id }) } }];

  it('has their history gathered again before it is forwarded, and is refused when a name has moved', async () => {
    const scene = new Scene();
    scene.names.ids.set('public.t', 'relation:1');
    await scene.park('ask to drop', access('drop', 'relation:1'));
    scene.names.ids.set('public.t', 'relation:2');
    await scene.vote(DBA);
    expect(scene.names.asked).toBe(1);
    expect(scene.released).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('no longer allowed') } });
    expect(await scene.status()).toBe('withdrawn');
  });

  it('is not forwarded while nobody can say what its names mean', async () => {
    const scene = new Scene();
    scene.names.canAnswer = false;
    await scene.park('ask to drop', access('drop', 'relation:1'));
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'identity_unknown', retryable: true } });
    expect(await scene.status()).toBe('withdrawn');
  });

  it('claims what it creates only when it is forwarded', async () => {
    const scene = new Scene();
    await scene.park('ask to create', access('create'));
    expect(await scene.objects.list()).toEqual([]);
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: true });
    expect((await scene.objects.list()).map(({ value }) => value.status)).toEqual(['claimed']);
    expect(scene.given.types.slice(-3)).toEqual(['object.claimed.v1', 'grant.consumed.v1', 'command.decided.v1']);
  });
});

describe('a parked command under a budget', () => {
  const under = (scene: Scene, most: number): void => {
    const budget = Budget.parse({ name: 'b', of: { principal: 'agent-etl' }, what: 'commands', most, windowSeconds: 3_600 });
    scene.given.change({ bundleHash: '2', bundle: bundle(1, { configuration: { ...CONFIGURATION, budgets: [budget] } }) });
    scene.given.beat();
  };

  it('uses it up only when it is forwarded', async () => {
    const scene = new Scene();
    under(scene, 1);
    await scene.park();
    expect(await scene.budgets.list()).toEqual([]);
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: true });
    expect(scene.given.types.slice(-3)).toEqual(['budget.leased.v1', 'grant.consumed.v1', 'command.decided.v1']);
  });

  it('is refused when it is used up by then, and the grant is not', async () => {
    const scene = new Scene();
    under(scene, 1);
    await scene.park();
    const other = new Slices({ store: scene.budgets, clock: scene.given.time, lessee: 'c-2' });
    const [budget] = scene.given.control.state.bundle!.configuration.budgets!;
    expect(await other.of({ budget: budget!, name: 'principal agent-etl', most: 1 }).take({ budget: budget!, name: 'principal agent-etl', most: 1 }, 1)).toMatchObject({ ok: true });
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'budget_used_up' } });
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });

  it('uses nothing up when its grant cannot be used', async () => {
    const scene = new Scene();
    under(scene, 2);
    await scene.park();
    scene.given.ledger.failWith('away');
    await scene.vote(DBA);
    await scene.given.time.advance(10_000);
    expect(scene.released).toMatchObject({ ok: false });
    expect((await scene.budgets.list()).map(({ value }) => value.leases)).toEqual([[]]);
  });
});

const IMPACT = { preview: { kind: 'exact', rows: 12, takenAt: '2026-01-01T00:00:00.000Z' }, bound: { maxRows: 12 }, state: 'e'.repeat(64) } as const;

describe('what a parked command will do', () => {
  it('is found out before anyone is asked, and is part of what they agree to', async () => {
    const scene = new Scene();
    scene.effect = { ...NO_EFFECT, preview: () => Promise.resolve(accepted(IMPACT)) };
    await scene.park();
    const { request } = (await scene.grants.get('g-1'))!.value;
    expect(request).toMatchObject(IMPACT);
    expect(request.grantDigest).toBe(grantDigest(request));
    expect(request.grantDigest).not.toBe(grantDigest({ ...request, bound: { maxRows: 13 } }));
  });

  it('waits no longer than it may where it is', async () => {
    const scene = new Scene();
    scene.effect = { ...NO_EFFECT, preview: () => Promise.resolve(accepted({ ...IMPACT, waitSeconds: 20 })) };
    await scene.park();
    const { request } = (await scene.grants.get('g-1'))!.value;
    expect([request.ask.waitSeconds, 'waitSeconds' in request, request.grantDigest]).toEqual([20, false, grantDigest(request)]);
    await scene.given.time.advance(20_000);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'approval_pending' } });
  });

  it('is asked of nobody where people may not agree to it', async () => {
    const scene = new Scene();
    scene.effect = { ...NO_EFFECT, preview: () => Promise.resolve(refused('effect_too_large', 'It would change 13 rows.')) };
    await scene.park();
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'effect_too_large' } });
    expect(await scene.grants.list()).toEqual([]);
    expect(scene.told).toEqual([]);
  });

  it('is asked of nobody when its client took it back meanwhile', async () => {
    const scene = new Scene();
    scene.effect = { ...NO_EFFECT, preview: () => { scene.withdraw.abort(); return Promise.resolve(accepted(IMPACT)); } };
    await scene.park();
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'withdrawn' } });
    expect(await scene.grants.list()).toEqual([]);
  });

  it('is held to what was agreed, with the request itself, before the grant is used', async () => {
    const scene = new Scene();
    const prepared: ApprovalRequest[] = [];
    scene.effect = { preview: () => Promise.resolve(accepted(IMPACT)), prepare: async (request) => { expect(await scene.status()).toBe('approved'); prepared.push(request); return accepted(undefined); } };
    await scene.park();
    await scene.vote(DBA);
    expect(prepared).toMatchObject([{ id: 'g-1', ...IMPACT }]);
    expect(scene.released).toMatchObject({ ok: true });
  });

  it('is not sent where its client takes it back while it is made ready', async () => {
    const scene = new Scene();
    scene.effect = { ...NO_EFFECT, prepare: () => { scene.withdraw.abort(); return Promise.resolve(accepted(undefined)); } };
    await scene.park();
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'withdrawn' } });
    expect(await scene.status()).toBe('withdrawn');
  });

  it('does not happen, and uses up no grant, where that cannot be made ready', async () => {
    const scene = new Scene();
    scene.effect = { ...NO_EFFECT, prepare: () => Promise.resolve(refused('state_changed', 'The rows are others.')) };
    await scene.park();
    await scene.vote(DBA);
    expect(scene.released).toMatchObject({ ok: false, refusal: { reason: 'state_changed' } });
    expect(await scene.status()).toBe('withdrawn');
    expect(scene.given.types).not.toContain('grant.consumed.v1');
  });
});
