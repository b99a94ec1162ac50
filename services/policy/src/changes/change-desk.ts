import { analyseConfiguration, CONFIGURATION_LIMITS, conflictProblems, maskingProblemsAt, problemIn, readConfiguration } from '@interlock/authoring';
import { readPolicies, type PolicyProblem, type Rule } from '@interlock/adapter-cedar';
import { accepted, LedgerUnavailable, refused, type Outcome, type Refusal } from '@interlock/kernel';
import { draft, type ChangeState, type Configuration, type PolicyFile, type Principal, type RpcResponse, type SealedBox } from '@interlock/contracts';
import { allowedTo, creatorsForgotten, independentThenAndNow, type Recognised } from '@interlock/domain-identity';
import { contentHash, summarise, unknownChange, type ChangeCommand, type Described, type InForce } from '@interlock/domain-policy';
import { ChangeStore, type StoredChange } from './change-store.js';
import type { ChangePorts } from './ports.js';
import { Publication } from './publication.js';
import { refusedConfiguration } from './refused-configuration.js';
import { Serial } from './serial.js';
import { signedRuleProblems } from './signed-rules.js';
import { showable, showChange, type ShownChange } from './show-change.js';

type Proposed = Outcome<RpcResponse<'policy.propose'>>;
type DecidedChange = Outcome<RpcResponse<'policy.decideChange'>>;

/** A decision as it is cast: an approval names what was read. */
interface Cast {
  readonly verdict: 'approve' | 'deny';
  readonly digest?: string | undefined;
}

/** The id of the first change of an installation: there is one. */
const BOOTSTRAP = 'bootstrap';
/** Longest account of a refusal that is recorded. */
const RECORDED_DETAIL_MAX = 8_192;

/**
 * Where configurations are proposed, decided and put into force, one step at a time.
 *
 * A proposal is recorded first and stored second. A decision is stored first, by compare-and-set, so that one of several
 * wins; it takes effect only after the ledger has acknowledged it. What a crash left half done is finished first.
 */
export class ChangeDesk {
  readonly #serial = new Serial();
  readonly #store: ChangeStore;
  readonly #publication: Publication;
  #unfinished = true;

  constructor(private readonly ports: ChangePorts) {
    this.#store = new ChangeStore(ports.records);
    this.#publication = new Publication({ store: this.#store, ledger: ports.ledger, control: ports.control });
  }

  /** Whether something decided may still be on its way into force or into the ledger. */
  get unfinished(): boolean {
    return this.#unfinished;
  }

  /** Finishes what was decided and is not in force, or not recorded, yet. */
  heal(): Promise<void> {
    return this.#serial.run(() => this.#heal());
  }

  propose(token: SealedBox, files: readonly PolicyFile[]): Promise<Proposed> {
    return this.#serial.run(async () => {
      await this.#heal();
      let author: string | undefined;
      const outcome = await this.#propose(token, files, (name) => {
        author = name;
      });
      if (!outcome.ok && outcome.refusal.reason !== 'unavailable' && !this.#unfinished) await this.#recordRefusedProposal(files, author, outcome.refusal);
      return outcome;
    });
  }

  decide(token: SealedBox, id: string, cast: Cast): Promise<DecidedChange> {
    return this.#serial.run(async () => {
      await this.#heal();
      const who = await this.ports.recognise(token);
      if (!who.ok) return who;
      const outcome = await this.#decide(who.value, id, cast);
      if (!outcome.ok && !this.#unfinished) await this.#recordRejection(id, who.value.principal, outcome.refusal);
      return outcome;
    });
  }

  /** For readers: every change, the newest first. */
  list(): Promise<readonly StoredChange[]> {
    return this.#store.list();
  }

  /** For readers: one change with all its differences. Refuses when there is none. */
  async show(id: string): Promise<Outcome<ShownChange>> {
    const stored = await this.#store.get(id);
    return stored ? showChange(stored.state, await this.#store.filesOf(stored.state.baseVersion)) : unknownChange();
  }

  /** The files that the bundle in force was made of. */
  async filesInForce(): Promise<Outcome<{ readonly version: number; readonly files: readonly PolicyFile[] }>> {
    const bundle = this.ports.control.bundle();
    const stored = bundle && (await this.#store.get(bundle.change));
    if (!bundle || !stored) return refused('not_configured', 'This installation has no configuration yet.', { hint: 'Run `interlock apply` with the first one.' });
    return accepted({ version: bundle.version, files: stored.state.files });
  }

  async #propose(token: SealedBox, files: readonly PolicyFile[], onAuthor: (name: string) => void): Promise<Proposed> {
    const known = this.ports.control.bundle() ? await this.#author(token, onAuthor) : undefined;
    if (known && !known.ok) return known;
    if (!known && (await this.#store.get(BOOTSTRAP))) return refused('unavailable', 'There is a configuration, and it cannot be read at this moment.', { retryable: true, hint: 'Try again in a moment.' });
    const read = await this.#read(files);
    if (!read.ok) return read;
    const author = known ?? (await this.#author(token, onAuthor, read.value.configuration));
    if (!author.ok) return author;
    const before = await this.#inForce();
    const hash = contentHash(files);
    if (before?.contentHash === hash) return accepted({ change: before.change, status: 'unchanged', version: before.version, summary: [] });
    const fits = before ? showable(await this.#store.filesOf(before.version), files) : accepted(undefined);
    if (!fits.ok) return fits;
    const summary = summarise(before?.described, read.value);
    return this.#submit({ author: author.value, files, hash, summary, before });
  }

  /** Only those who may change the configuration in force propose; the first one names them itself. */
  async #author(token: SealedBox, onAuthor: (name: string) => void, first?: Configuration): Promise<Outcome<Principal>> {
    const who = await this.ports.recognise(token, first);
    if (!who.ok) return who;
    onAuthor(who.value.principal.name);
    return allowedTo(who.value.principal, 'changes', who.value.configuration);
  }

  async #submit({ author, files, hash, summary, before }: Draft): Promise<Proposed> {
    const same = (await this.#store.list()).find(({ state }) => isSame(state, author, hash, before?.version ?? 0));
    if (same) return answer(same);
    const change = before ? this.ports.newId() : BOOTSTRAP;
    const at = new Date(this.ports.nowMs()).toISOString();
    if (before) await this.ports.ledger.append([draft('change.proposed.v1', { change, author: author.name, summary: [...summary], contentHash: hash, bootstrap: false })]);
    const proposal = { change, author, files, contentHash: hash, summary, at };
    const propose = { kind: 'propose', proposal, inForce: before, mayChange: accepted(undefined) } as const;
    const stored = await (before ? this.#store.take(change, undefined, propose) : this.#takeEffect(change, undefined, propose));
    if (!stored.ok) return stored;
    return before ? answer(changeIn(stored.value)) : this.#finish(changeIn(stored.value), answer);
  }

  async #decide({ principal, configuration }: Recognised, id: string, { verdict, digest }: Cast): Promise<DecidedChange> {
    const stored = await this.#store.get(id);
    const mayChange = allowedTo(principal, 'changes', configuration);
    const at = new Date(this.ports.nowMs()).toISOString();
    if (verdict === 'deny') {
      const denied = await this.#takeEffect(id, stored, { kind: 'deny', by: principal, at, mayChange });
      if (!denied.ok) return denied;
      return this.#finish(changeIn(denied.value), () => accepted({ change: id, status: 'denied', version: this.ports.control.bundle()?.version ?? 0 }));
    }
    const independentOfAuthor = stored ? independentThenAndNow(principal, stored.state.author, configuration) : accepted(undefined);
    if (stored?.state.status === 'pending' && mayChange.ok && independentOfAuthor.ok) {
      const sound = await this.#read(stored.state.files);
      if (!sound.ok) return sound;
    }
    const approved = await this.#takeEffect(id, stored, { kind: 'approve', by: principal, at, digest, inForce: await this.#inForce(), mayChange, independentOfAuthor });
    return approved.ok ? this.#finish(changeIn(approved.value), decisionAnswer) : approved;
  }

  /** Stores a decision. From the moment it may be stored until it has its effect it is unfinished, whatever happens in between. */
  async #takeEffect(id: string, stored: StoredChange | undefined, command: ChangeCommand): Promise<Outcome<StoredChange | undefined>> {
    this.#unfinished = true;
    const taken = await this.#store.take(id, stored, command);
    if (!taken.ok && taken.refusal.reason !== 'unavailable') this.#unfinished = false;
    return taken;
  }

  async #finish<T>(stored: StoredChange, answerWith: (stored: StoredChange) => Outcome<T>): Promise<Outcome<T>> {
    const finished = await this.#walk(stored).catch(storedOnly);
    if (finished.ok || finished.refusal.reason === 'conflict_stale') this.#unfinished = false;
    return finished.ok ? answerWith(finished.value) : finished;
  }

  async #heal(): Promise<void> {
    if (!this.#unfinished) return;
    for (const stored of await this.#store.list()) {
      const finished = await this.#walk(stored);
      if (!finished.ok && finished.refusal.reason !== 'conflict_stale') throw new Error(`change ${stored.state.change} could not be finished: ${finished.refusal.detail}`);
    }
    this.#unfinished = false;
  }

  /** Whatever is left to do of a decision. */
  async #walk(stored: StoredChange): Promise<Outcome<StoredChange>> {
    if (stored.state.status === 'denied') return this.#publication.recordDenial(stored);
    return stored.state.status === 'approved' ? this.#publication.finish(stored) : accepted(stored);
  }

  /** Reads and checks the files, the masking section included, and what parties could reach by them. */
  async #read(files: readonly PolicyFile[]): Promise<Outcome<Described>> {
    const read = readConfiguration(files);
    const { configuration, yaml } = read;
    if (!configuration || !yaml) return refusedConfiguration(read.problems);
    const masking = await this.ports.maskingProblems(configuration);
    if (!masking.ok) return masking;
    const inForce = this.ports.control.bundle()?.configuration;
    const forgotten = (inForce ? creatorsForgotten(inForce, configuration) : []).map(({ index, name, humans }) => problemIn(yaml, ['principals', index], {
      detail: `${name} was made by ${humans.join(' and ')}, who would stand behind it no longer`, expected: 'createdBy as it is in force: owners change, who made a principal does not',
    }));
    const problems = [...read.problems, ...forgotten, ...maskingProblemsAt(yaml, masking.value)];
    if (problems.length > 0) return refusedConfiguration(problems);
    const conflicts = conflictProblems(analyseConfiguration({ ...read, configuration }));
    if (conflicts.length > 0) return refusedConfiguration(conflicts);
    const unsignable = await this.#unsignable(read.rules, configuration);
    if (!unsignable.ok) return unsignable;
    if (unsignable.value.length > 0) return refusedConfiguration(unsignable.value);
    const bytes = messageBytes({ configuration, policies: read.policies });
    if (bytes <= CONFIGURATION_LIMITS.messageBytes) return accepted({ configuration, rules: read.rules });
    return refused('configuration_too_large', `The configuration has ${bytes} bytes as a message; at most ${CONFIGURATION_LIMITS.messageBytes} can be distributed.`, { hint: 'Shorten it; YAML aliases count as often as they are used.' });
  }

  /** The vault is asked only where a rule wants signatures. */
  async #unsignable(rules: readonly Rule[], configuration: Configuration): Promise<Outcome<readonly PolicyProblem[]>> {
    if (rules.every(({ lift }) => lift?.signed === undefined)) return accepted([]);
    const elevated = await this.ports.elevatedTargets();
    return elevated.ok ? accepted(signedRuleProblems(rules, configuration, elevated.value)) : elevated;
  }

  async #inForce(): Promise<(InForce & { readonly change: string; readonly described: Described }) | undefined> {
    const bundle = this.ports.control.bundle();
    if (!bundle) return undefined;
    const stored = await this.#store.get(bundle.change);
    if (!stored) throw new Error(`the bundle in force came from change ${bundle.change}, which is not stored`);
    const { rules } = readPolicies(bundle.policies);
    return { version: bundle.version, change: bundle.change, contentHash: stored.state.contentHash, described: { configuration: bundle.configuration, rules } };
  }

  async #recordRefusedProposal(files: readonly PolicyFile[], author: string | undefined, { reason, detail }: Refusal): Promise<void> {
    const told = { contentHash: contentHash(files.map(wellFormed)), reason, detail: detail.slice(0, RECORDED_DETAIL_MAX).toWellFormed() };
    await this.ports.ledger.append([draft('change.refused.v1', { ...(author !== undefined && { author }), ...told })]);
  }

  async #recordRejection(change: string, approver: Principal, { reason, detail }: Refusal): Promise<void> {
    await this.ports.ledger.append([draft('change.rejected.v1', { change, approver: approver.name, reason, detail: detail.slice(0, RECORDED_DETAIL_MAX).toWellFormed() })]);
  }
}

interface Draft {
  readonly author: Principal;
  readonly files: readonly PolicyFile[];
  readonly hash: string;
  readonly summary: readonly string[];
  readonly before: (InForce & { readonly change: string }) | undefined;
}

function isSame(state: ChangeState, author: Principal, hash: string, baseVersion: number): boolean {
  return state.status === 'pending' && state.contentHash === hash && state.baseVersion === baseVersion && state.author.name === author.name;
}

function answer({ state }: StoredChange): Proposed {
  const version = state.version ?? state.baseVersion;
  return accepted({ change: state.change, status: state.status === 'applied' ? 'applied' : 'pending', version, summary: [...state.summary] });
}

function decisionAnswer({ state }: StoredChange): DecidedChange {
  return accepted({ change: state.change, status: state.status === 'applied' ? 'applied' : 'pending', version: state.version ?? state.baseVersion });
}

/** The decision stands and the healer records it: whoever decided must not read that nothing was done. */
function storedOnly(fault: unknown): Outcome<never> {
  if (!(fault instanceof LedgerUnavailable)) throw fault;
  return refused('ledger_unavailable', 'The decision is stored, and the ledger has not acknowledged it yet; it takes effect as soon as the ledger does.', {
    retryable: true, hint: 'Look at the change in a moment; it need not be decided again.',
  });
}

function changeIn(stored: StoredChange | undefined): StoredChange {
  if (!stored) throw new Error('a change that was proposed or decided is not stored');
  return stored;
}

/** Bytes of the signed bundle on the bus: JSON, quoted in JSON. */
function messageBytes(bundle: object): number {
  return Buffer.byteLength(JSON.stringify({ bundle: JSON.stringify(bundle) }));
}

function wellFormed({ file, text }: PolicyFile): PolicyFile {
  return { file: file.toWellFormed(), text: text.toWellFormed() };
}
