import type { Backtest, BacktestChange, Decision } from '@interlock/contracts';
import type { RecordedDecision } from '../second/recorded.js';

/** Kinds of changes that are listed. */
const LISTED = 200;
const EXAMPLES = 3;

/** Collects what would come out otherwise, per rules and principal. */
export class Comparison {
  readonly #changes = new Map<string, BacktestChange>();
  #commands = 0;
  #unchanged = 0;
  #kept = 0;
  #voided = 0;

  /** `maySee` says whose texts the reader of the result may see. */
  constructor(private readonly maySee: (recorded: RecordedDecision) => boolean) {}

  get commands(): number {
    return this.#commands;
  }

  add(recorded: RecordedDecision, decision: Decision): void {
    this.#commands += 1;
    const from = recorded.data.decision.outcome;
    const to = decision.outcome;
    if (from === to) this.#unchanged += 1;
    else this.#change(recorded, { from, to, rules: decision.ask?.rules ?? decision.reasons.map(({ rule }) => rule) });
  }

  /** A command that had been let through by a grant. */
  addGranted(decision: Decision): void {
    if (decision.outcome === 'allow') this.#kept += 1;
    else this.#voided += 1;
  }

  result(): Pick<Backtest, 'commands' | 'unchanged' | 'changes' | 'unlisted' | 'grants'> {
    const changes = [...this.#changes.values()].toSorted((a, b) => b.count - a.count);
    const unlisted = changes.slice(LISTED).reduce((sum, { count }) => sum + count, 0);
    return { commands: this.#commands, unchanged: this.#unchanged, changes: changes.slice(0, LISTED), unlisted, grants: { kept: this.#kept, voided: this.#voided } };
  }

  #change(recorded: RecordedDecision, { from, to, rules }: Pick<BacktestChange, 'from' | 'to' | 'rules'>): void {
    const { principal, target } = recorded.data;
    const key = JSON.stringify([from, to, principal, target, rules]);
    const known = this.#changes.get(key) ?? { from, to, principal, target, rules: [...rules], count: 0, examples: [] };
    if (known.examples.length < EXAMPLES) known.examples.push(this.#example(recorded));
    known.count += 1;
    this.#changes.set(key, known);
  }

  #example(recorded: RecordedDecision): BacktestChange['examples'][number] {
    const { command, at, data: { action } } = recorded;
    const objects = action.accesses.map(({ object }) => `${object.kind} ${object.path.join('/')}`);
    return { command, at, verb: action.verb, objects, ...(this.maySee(recorded) && { text: action.text }) };
  }
}
