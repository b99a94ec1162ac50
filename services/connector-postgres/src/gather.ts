import { accepted, type Outcome } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import { needsEstimate, withEstimate, type Custody, type Gathered } from '@interlock/gateway';
import type { Interpretation } from '@interlock/language-postgres';
import type { Bind } from '@interlock/protocol-postgres';
import { cannotBeTold, type Estimates, type Explained } from './estimates.js';
import { mayMoveNames, type Histories } from './histories.js';
import type { Judgement, Understood } from './judgement.js';
import type { PlannedNames } from './names.js';
import type { ClientMessage, Segment } from './segment.js';
import type { Spell } from './turns.js';

export interface GatherPorts {
  readonly custody: Custody;
  readonly estimates: Estimates;
  readonly judge: Judge;
  readonly judgement: Judgement;
  readonly names: PlannedNames;
  readonly target: string;
  readonly begin: () => Spell;
}

/** A text that may be judged now; with `bind` its one statement runs with these values, without it is only prepared where `isPrepared`. */
interface Sent {
  readonly text: string;
  readonly parameterTypes: readonly number[];
  readonly bind?: Bind;
  readonly isPrepared: boolean;
}

const NAMES_MOVED = 'what its names mean, nobody can say before a statement that stands before it has run';

/**
 * Gathers, into `histories`, for everything in a segment that may be judged now. After a statement that may move names nothing more
 * is told of the same text: what its later names mean, nobody can say before it has run.
 */
export async function gatherFor(segment: Segment, histories: Histories, ports: GatherPorts): Promise<Outcome<unknown>> {
  const parsed = new Map<string, Omit<Sent, 'isPrepared'>>();
  let moved = false;
  for (const { message } of segment.messages) {
    if (message.kind === 'parse') parsed.set(message.statement, message);
    const sent = sentBy(message, parsed, ports.names);
    const gathered: Outcome<boolean> = sent ? await gatherText(sent, moved, histories, ports) : accepted(false);
    if (!gathered.ok) return gathered;
    moved ||= message.kind === 'bind' && gathered.value;
  }
  return accepted(undefined);
}

function sentBy(message: ClientMessage['message'], parsed: ReadonlyMap<string, Omit<Sent, 'isPrepared'>>, names: PlannedNames): Sent | undefined {
  if (message.kind === 'query') return { text: message.text, parameterTypes: [], isPrepared: false };
  if (message.kind === 'parse') return { text: message.text, parameterTypes: message.parameterTypes, isPrepared: true };
  const statement = message.kind === 'bind' ? (parsed.get(message.statement) ?? names.statement(message.statement)) : undefined;
  return statement && message.kind === 'bind' ? { text: statement.text, parameterTypes: statement.parameterTypes, bind: message, isPrepared: false } : undefined;
}

/** Gives whether something in it may move names. What cannot be understood is refused later, with its reason. */
async function gatherText(sent: Sent, moved: boolean, histories: Histories, ports: GatherPorts): Promise<Outcome<boolean>> {
  const spell = ports.begin();
  const read = ports.judgement.read(sent.text);
  spell.end();
  const { text, understood } = read.ok ? read.value : { text: sent.text, understood: [] as readonly Understood[] };
  let hasMoved = moved;
  for (const [index, { meaning }] of understood.entries()) {
    const own: Explained = understood.length === 1 ? sent : { text: meaning.text, parameterTypes: [] };
    const gathered = await gatherOne({ meaning, moved: hasMoved, known: histories.of(text, index, meaning) }, sent.isPrepared ? undefined : own, ports);
    if (!gathered.ok) return gathered;
    if (sent.bind) histories.setBound(sent.bind, meaning, gathered.value);
    else if (!hasMoved) histories.set(text, index, meaning, gathered.value);
    hasMoved ||= mayMoveNames(meaning);
  }
  return accepted(hasMoved);
}

interface Gathering {
  readonly meaning: Interpretation;
  readonly moved: boolean;
  readonly known: Gathered | undefined;
}

/** Of the objects of one statement, and, where it is about to run, of what the target expects of it. */
async function gatherOne({ meaning, moved, known }: Gathering, sent: Explained | undefined, { custody, estimates, judge, target }: GatherPorts): Promise<Outcome<Gathered | undefined>> {
  const estimate = { judge, target, accesses: meaning.accesses };
  if (moved) return sent && needsEstimate(estimate) ? cannotBeTold(NAMES_MOVED) : accepted(known);
  const gathered = known ? accepted(known) : await custody.gather(judge, meaning);
  return gathered.ok && sent ? withEstimate(gathered.value, estimate, () => estimates.of(sent, meaning)) : gathered;
}
