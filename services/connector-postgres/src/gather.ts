import { accepted, type Outcome } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import type { Custody } from '@interlock/gateway';
import { mayMoveNames, type Histories } from './histories.js';
import type { Judgement, Understood } from './judgement.js';
import type { PlannedNames } from './names.js';
import type { Segment } from './segment.js';
import type { Spell } from './turns.js';

export interface GatherPorts {
  readonly custody: Custody;
  readonly judge: Judge;
  readonly judgement: Judgement;
  readonly names: PlannedNames;
  readonly begin: () => Spell;
}

/**
 * Gathers, into `histories`, for everything in a segment that may be judged now. After a statement that may move names nothing more
 * is told of the same text: what its later names mean, nobody can say before it has run.
 */
export async function gatherFor(segment: Segment, histories: Histories, ports: GatherPorts): Promise<Outcome<unknown>> {
  const parsed = new Map<string, string>();
  for (const { message } of segment.messages) {
    if (message.kind === 'parse') parsed.set(message.statement, message.text);
    const sent = textOf(message, parsed, ports.names);
    const gathered = sent === undefined ? accepted(false) : await gatherText(sent, histories, ports);
    if (!gathered.ok) return gathered;
    if (message.kind === 'bind' && gathered.value) break;
  }
  return accepted(undefined);
}

function textOf(message: Segment['messages'][number]['message'], parsed: ReadonlyMap<string, string>, names: PlannedNames): string | undefined {
  if (message.kind === 'query' || message.kind === 'parse') return message.text;
  return message.kind === 'bind' ? (parsed.get(message.statement) ?? names.statement(message.statement)?.text) : undefined;
}

/** Gives whether something in it may move names. What cannot be understood is refused later, with its reason. */
async function gatherText(sent: string, histories: Histories, { custody, judge, judgement, begin }: GatherPorts): Promise<Outcome<boolean>> {
  const spell = begin();
  const read = judgement.read(sent);
  spell.end();
  const { text, understood } = read.ok ? read.value : { text: sent, understood: [] as readonly Understood[] };
  for (const [index, { meaning }] of understood.entries()) {
    if (histories.of(text, index, meaning) === undefined) {
      const gathered = await custody.gather(judge, meaning);
      if (!gathered.ok) return gathered;
      histories.set(text, index, meaning, gathered.value);
    }
    if (mayMoveNames(meaning)) return accepted(true);
  }
  return accepted(false);
}
