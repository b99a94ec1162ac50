import { accepted, refused, type EventDraft, type Outcome, type Refusal, type Versioned } from '@interlock/kernel';
import { draft, type ApprovalRequest, type GrantFact, type GrantState, type RpcClient, type SealedBox } from '@interlock/contracts';
import { approval, asksForTheSame, shortEnough, waitEndsAtMs } from '@interlock/domain-approval';
import type { Judge } from '@interlock/domain-policy';
import { grantDigest } from '@interlock/domain-session';
import { agreedDigest } from './agreed-digest.js';
import { agreementNow } from './agreement.js';
import type { ControlPlaneWatch } from './control-plane-watch.js';
import type { Custody } from './custody.js';
import { NO_EFFECT, type Effect, type Impact } from './effect.js';
import { withEstimate, type AskEstimate } from './estimate.js';
import type { GrantBoard } from './grant-board.js';
import type { Permit } from './permit.js';
import type { Purse, Spent } from './purse.js';
import type { Clock } from './ports.js';
import { cancelled, notGranted, stillOpen } from './parking-refusals.js';
import { REFUSALS, refusalOf } from './refusals.js';
import type { Session, Verdict } from './session.js';
import { Withdrawal } from './withdrawal.js';

export interface ParkingPorts {
  readonly board: GrantBoard;
  readonly watch: Pick<ControlPlaneWatch, 'configuration' | 'locks' | 'delegations' | 'whenCaughtUp'>;
  readonly rpc: RpcClient;
  readonly clock: Clock;
  readonly newId: () => string;
  /** This service's name, as trust.json knows it. */
  readonly connector: string;
  /** Unguessable, and of this one running instance: only it uses and withdraws what it asked for. */
  readonly instance: string;
  /** What went wrong behind a refusal that tells the client nothing of it. */
  readonly onProblem: (problem: string) => void;
}

/** Whoever waits for a parked command. */
export interface Waiter {
  /** Aborts when the client cancels or leaves. */
  readonly withdraw: AbortSignal;
  /** What the session's commands make, and what is known of the objects they touch. */
  readonly custody: Custody;
  /** What they use up. */
  readonly purse: Purse;
  /** What the target expects of the command, as of when it is asked. */
  readonly estimate: AskEstimate;
  /** What it will do, told to people before they are asked, and held to what they agreed; nothing of that when absent. */
  readonly effect?: Effect;
  /** People have been asked, or had been before: called once, and never of a command that is refused at once. */
  readonly onAsked?: (request: ApprovalRequest, wait: Wait) => void;
}

/** What a command waits for, as it begins to wait. */
export interface Wait {
  /** Milliseconds since the epoch; from then on the client is held no longer. */
  readonly untilMs: number;
  /** It was asked for before, and the same command has come back for it. */
  readonly isResumed: boolean;
  /** People have decided already: there is nothing to wait for. */
  readonly isOver: boolean;
  /** Nobody decided: the glass was broken, and two people review that until then. */
  readonly reviewBy?: string;
}

/** A command on its way through the hands of people, with whoever waits for it. */
interface Parked extends Waiter {
  readonly session: Session;
  readonly verdict: Verdict;
  readonly request: ApprovalRequest;
  readonly effect: Effect;
}

type Refused = { readonly ok: false; readonly refusal: Refusal };

/** A command that people have agreed to, decided again and recorded: it may be forwarded once. */
export interface Released {
  readonly permit: Permit;
  readonly event: string;
}

/**
 * Holds a command until people have decided about it:
 *
 *     ask ─▶ previewed ─▶ requested, or resumed ─▶ approved ─▶ effect held ─▶ gathered and decided again ─▶ budgets drawn on, names claimed ─▶ consumed ─▶ recorded ─▶ released
 *                 │                         └ changed rule, lock, changed state, lost race ─▶ refused
 *                 ├ denied, expired, withdrawn (client gone or cancelled) ─▶ refused
 *                 └ its wait is over ─▶ refused, and the request stays open: the same command may come back for it
 *
 * A broken glass goes the same way, without a preview and without a wait: approval answers the request with a grant that nobody agreed to.
 *
 * Nothing is forwarded on the way. The grant is consumed before the forward decision is recorded: if the ledger fails between
 * the two, the grant is lost and the command did not run.
 */
export class Parking {
  readonly #ports: ParkingPorts;
  readonly #withdrawal: Withdrawal;

  constructor(ports: ParkingPorts) {
    this.#ports = ports;
    this.#withdrawal = new Withdrawal(ports);
  }

  /** Parks a recorded verdict whose outcome is `ask`. */
  async park(session: Session, verdict: Verdict, waiter: Waiter): Promise<Outcome<Released>> {
    const { withdraw } = waiter;
    const effect = verdict.decision.ask?.glass ? NO_EFFECT : (waiter.effect ?? NO_EFFECT);
    const previewed = await this.#previewed(session, verdict, { effect, withdraw });
    if (!previewed.ok) {
      session.abandon(verdict.command);
      return previewed;
    }
    const released = await this.#follow({ ...waiter, session, verdict, request: previewed.value, effect });
    if (!released.ok) session.abandon(verdict.command);
    return released;
  }

  /** The request with what is known of its effect, fit to be read by people. */
  async #previewed(session: Session, verdict: Verdict, { effect, withdraw }: Pick<Parked, 'effect' | 'withdraw'>): Promise<Outcome<ApprovalRequest>> {
    const impact = await effect.preview(verdict, withdraw);
    if (!impact.ok) return impact;
    if (withdraw.aborted) return refused('withdrawn', 'The command was withdrawn before anyone was asked; it was not sent.');
    return shortEnough(this.#request(session, verdict, impact.value));
  }

  async #follow(asking: Parked): Promise<Outcome<Released>> {
    const { withdraw, onAsked } = asking;
    const startedAtMs = this.#ports.clock.nowMs();
    const ends = new AbortController();
    const signal = AbortSignal.any([withdraw, ends.signal]);
    const first = this.#ports.board.when(asking.request.id, isDecided, signal);
    const asked = await this.#ask(asking.request, asking.session.opening.word);
    if (!asked.ok) {
      ends.abort();
      return asked;
    }
    const { request, resumed } = asked.value;
    const untilMs = waitEndsAtMs(request, startedAtMs);
    const stop = this.#at(untilMs, () => ends.abort());
    if (!withdraw.aborted) onAsked?.(request, { untilMs, isResumed: resumed !== undefined, isOver: resumed?.status === 'approved', ...(resumed?.glass && { reviewBy: resumed.glass.dueAt }) });
    const state = await (resumed ? this.#ports.board.when(request.id, isDecided, signal, 'now') : first);
    stop();
    ends.abort();
    return this.#concluded({ ...asking, request }, state, Math.round((untilMs - startedAtMs) / 1_000));
  }

  /** Asks people, or learns what they were asked before for the same command; who asks and for what is this connector's own word in either case. */
  async #ask(request: ApprovalRequest, word: SealedBox): Promise<Outcome<{ readonly request: ApprovalRequest; readonly resumed: GrantState | undefined }>> {
    const asked = await this.#ports.rpc.call(request.ask.glass ? 'approval.breakGlass' : 'approval.request', { request, token: word });
    if (!asked.ok) return this.#notAsked(request, asked.refusal);
    const { resumed } = asked.value;
    if (resumed && !isOwn(resumed, request)) return this.#notAsked(request, NOT_OURS);
    const { requester, action } = request;
    return accepted({ request: resumed ? { ...resumed.request, requester, action } : request, resumed });
  }

  async #concluded(parked: Parked, state: Versioned<GrantState> | undefined, waitedSeconds: number): Promise<Outcome<Released>> {
    const { request, withdraw } = parked;
    if (state?.value.status === 'approved') return this.#forward(parked, state);
    if (state) return notGranted(request, state.value);
    if (withdraw.aborted) {
      await this.#withdrawal.withdraw(request);
      return cancelled(request);
    }
    return this.#ports.clock.nowMs() < Date.parse(request.expiresAt) ? stillOpen(request, waitedSeconds) : notGranted(request, undefined);
  }

  /** Approved: look again at everything that may have changed while people decided. */
  async #forward({ session, verdict: parked, request, custody, purse, estimate, effect, withdraw }: Parked, state: Versioned<GrantState>): Promise<Outcome<Released>> {
    if (request.ask.signed && effect === NO_EFFECT) return this.#giveBack(request, NOT_ELEVATED);
    const held = await effect.prepare(request, withdraw);
    if (!held.ok) return this.#giveBack(request, held);
    const caughtUp = await this.#ports.watch.whenCaughtUp();
    const judge = caughtUp.ok ? await session.whenReady() : caughtUp;
    if (!judge.ok) return this.#giveBack(request, judge);
    const agreed = this.#agreement(request, state.value);
    if (!agreed.ok) return this.#giveBack(request, agreed);
    const known = await custody.gather(judge.value, parked.action);
    const gathered = known.ok ? await withEstimate(known.value, { judge: judge.value, target: session.opening.target.name, accesses: parked.action.accesses }, estimate) : known;
    if (!gathered.ok) return this.#giveBack(request, gathered);
    const verdict = session.decideAgain(judge.value, parked, agreed.value, gathered.value);
    if (verdict.decision.outcome !== 'allow') return this.#giveBack(request, await refuseAgain(session, verdict));
    const spent = await purse.take([verdict]);
    if (!spent.ok) return this.#giveBack(request, spent);
    const claimed = await this.#claim({ session, custody }, judge.value, verdict, spent.value);
    if (!claimed.ok) return this.#giveBack(request, claimed);
    const released = withdraw.aborted ? await this.#giveBack(request, cancelled(request) as Refused) : await this.#release({ session, verdict, request }, agreed.value, state, [...spent.value.events, ...claimed.value]);
    if (!released.ok) {
      custody.ended(verdict.command, false);
      spent.value.undo();
    }
    return released;
  }

  async #claim({ session, custody }: Pick<Parked, 'session' | 'custody'>, judge: Judge, verdict: Verdict, spent: Spent): Promise<Outcome<readonly EventDraft[]>> {
    const claimed = await custody.claim(judge, [verdict]);
    if (!claimed.ok) {
      session.tell(spent.events);
      spent.undo();
    }
    return claimed;
  }

  /** The last steps, after which it runs: the grant is used, and that it is allowed is recorded. */
  async #release({ session, verdict, request }: Pick<Parked, 'session' | 'verdict' | 'request'>, { approvers }: GrantFact, state: Versioned<GrantState>, before: readonly EventDraft[]): Promise<Outcome<Released>> {
    const consumed = await this.#consume(request, state);
    if (!consumed.ok) return consumed;
    const used = draft('grant.consumed.v1', { grant: request.id, grantDigest: request.grantDigest, approvers }, { session: session.id, exchange: session.opening.exchange, command: verdict.command });
    const recorded = await session.record({ verdicts: [verdict], before: [...before, { ...used, seal: session.opening.seal }] });
    if (!recorded.ok) return recorded;
    const { permit, event } = recorded.value.commands[0]!;
    return permit ? accepted({ permit, event }) : refused('not_permitted', 'The command was not allowed.');
  }

  #agreement(request: ApprovalRequest, state: GrantState): Outcome<GrantFact> {
    const { watch, clock } = this.#ports;
    const { configuration } = watch;
    const nowMs = clock.nowMs();
    const agreed = agreedDigest(request, state, nowMs);
    if (!agreed.ok) return agreed;
    return configuration ? agreementNow(request, state, { configuration, locks: watch.locks, delegations: watch.delegations, nowMs }, agreed.value) : { ok: false, refusal: REFUSALS.notConfigured };
  }

  /** The one use, by compare-and-set on the state that was read. */
  async #consume(request: ApprovalRequest, { value, revision }: Versioned<GrantState>): Promise<Outcome<unknown>> {
    const { connector, instance, clock, board } = this.#ports;
    const decided = approval.decide({ kind: 'consume', by: { connector, instance }, grantDigest: request.grantDigest, nowMs: clock.nowMs() }, value);
    if (!decided.ok) return decided;
    const next = decided.value.reduce<GrantState | undefined>((state, event) => approval.evolve(state, event), value);
    if (!next || decided.value.length === 0) return refused('grant_not_usable', 'This grant was used already.');
    try {
      const stored = await board.store.put(request.id, next, revision);
      return stored.ok || stored.refusal.reason !== 'conflict' ? stored : TAKEN;
    } catch {
      return refused('grant_not_usable', 'Whether the grant was used could not be recorded, so the command was not sent.', { hint: 'Ask again.' });
    }
  }

  async #giveBack(request: ApprovalRequest, refusal: Refused): Promise<Refused> {
    await this.#withdrawal.withdraw(request);
    return refusal;
  }

  /** A request without a good answer may have been heard all the same: it is taken back, behind the client's back. */
  #notAsked(request: ApprovalRequest, refusal: Refusal): Refused {
    if (refusal.reason === 'approvals_too_many') return { ok: false, refusal };
    void this.#withdrawal.withdraw(request);
    return refused('approval_unavailable', `Approval could not be asked for: ${refusal.detail}`, { retryable: true, hint: 'Send the command again.' });
  }

  #request(session: Session, { command, action, actionDigest, decision }: Verdict, { waitSeconds, ...impact }: Impact): ApprovalRequest {
    const { connector, instance, clock, newId } = this.#ports;
    if (!decision.ask) throw new Error('a command is parked only by a decision that asks');
    const ask = { ...decision.ask, ...(waitSeconds !== undefined && { waitSeconds }) };
    const now = clock.nowMs();
    const [requestedAt, expiresAt] = [now, now + ask.windowSeconds * 1_000].map((at) => new Date(at).toISOString()) as [string, string];
    const terms = { id: newId(), actionDigest, ask, requestedAt, expiresAt, ...impact };
    const reasons = decision.reasons.filter((reason) => reason.effect !== 'permit').map((reason) => reason.message);
    const { principal: requester, target } = session.opening;
    return { ...terms, session: session.id, command, connector, instance, requester, target: target.name, action, grantDigest: grantDigest(terms), reasons, ...(decision.risk && { risk: decision.risk }) };
  }

  /** Calls `run` at that time; the result takes that back. */
  #at(atMs: number, run: () => void): () => void {
    let stop: () => void = () => undefined;
    const arm = (): void => {
      const leftMs = Math.max(0, atMs - this.#ports.clock.nowMs());
      stop = this.#ports.clock.after(Math.min(leftMs, TIMER_MS_MAX), leftMs > TIMER_MS_MAX ? arm : run);
    };
    arm();
    return () => stop();
  }
}

/** A timer holds 31 bits of milliseconds; longer waits are gone through in steps. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Under the rights that every command has, a signature would be worth nothing. */
const NOT_ELEVATED = refused('elevated_unavailable', 'What people signed runs under an elevated credential, and this connector has no way to use one.') as Refused;

const TAKEN = refused('grant_not_usable', 'The same command, sent elsewhere at the same time, has taken what people agreed to.', { hint: 'Send it again only if it is to run once more: people are asked anew.' }) as Refused;

function isDecided(state: GrantState): boolean {
  return state.status !== 'pending';
}

/** Whether what approval says was asked for before is what this command asks for, and what its digest says. */
function isOwn({ request }: GrantState, asking: ApprovalRequest): boolean {
  return asksForTheSame(asking, request) && grantDigest(request) === request.grantDigest;
}

const NOT_OURS: Refusal = { reason: 'approval_mismatch', detail: 'it names another request than this one.' };

async function refuseAgain(session: Session, verdict: Verdict): Promise<Refused> {
  const recorded = await session.record({ verdicts: [verdict] });
  if (!recorded.ok) return recorded;
  const { detail, ...refusal } = refusalOf(verdict.decision);
  return { ok: false, refusal: { ...refusal, detail: `What was approved is no longer allowed: ${detail}` } };
}
