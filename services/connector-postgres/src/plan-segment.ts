import { accepted, type Outcome } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import type { Session } from '@interlock/gateway';
import { parserStarting, type Catalog, type Interpreter } from '@interlock/language-postgres';
import type { TransactionStatus } from '@interlock/protocol-postgres';
import type { Asks } from './asks.js';
import { gatherFor } from './gather.js';
import { Histories } from './histories.js';
import { SegmentPlanner, type Plan } from './interpret.js';
import { Judgement } from './judgement.js';
import { PlannedNames } from './names.js';
import type { Reader } from './reader.js';
import type { Segment } from './segment.js';
import type { SessionState } from './session-state.js';
import type { Spell } from './turns.js';

export interface Planning {
  readonly judge: Judge;
  readonly catalog: Catalog;
  readonly session: Session;
  readonly interpreter: Interpreter;
  readonly reader: Reader;
  readonly state: SessionState;
  readonly asks: Pick<Asks, 'custody' | 'estimates'>;
  readonly status: TransactionStatus;
  readonly openPipeline: boolean;
  readonly nowMs: () => number;
  /** Something begins to be understood. */
  readonly begin: () => Spell;
  readonly onUnknownToCatalog: () => void;
}

/** Gathers what rules read of the objects of a segment, and what is kept apart over windows, judges its commands, and says what is to be done. Refused when what rules read cannot be gathered. */
export async function planSegment(segment: Segment, planning: Planning): Promise<Outcome<Plan>> {
  const { judge, catalog, session, interpreter, reader, state, asks, status, openPipeline, nowMs, begin, onUnknownToCatalog } = planning;
  const starting = parserStarting();
  if (starting) await starting;
  const keys = reader.keysReady();
  if (keys) await keys;
  const names = new PlannedNames(state.names);
  const histories = new Histories();
  const judgement = new Judgement({
    session, judge, interpreter, reader, context: state.interpretation(catalog, names), actionContext: state.context.action, stated: session.opening.stated, histories, isFresh: (command) => state.isFresh(command, nowMs()),
  });
  if (asks.custody.gathersFor(judge) && status !== 'failed') {
    const gathered = await gatherFor(segment, histories, { custody: asks.custody, estimates: asks.estimates, judge, judgement, names, target: session.opening.target.name, begin });
    if (!gathered.ok) return gathered;
  }
  const spell = begin();
  const plan = new SegmentPlanner({
    judgement, names: state.names, status, openPipeline, needsDescription: !reader.isBlind, hasTakenLong: spell.isLong, onUnknownToCatalog,
  }, segment, names).plan();
  spell.end();
  return accepted(plan);
}
