import { PERMIT_MS } from '@interlock/gateway';
import type { Interpretation, InterpretationContext } from '@interlock/language-postgres';
import type { TransactionStatus } from '@interlock/protocol-postgres';
import type { TargetCatalog } from './catalog.js';
import { mayMoveNames } from './histories.js';
import { SessionNames, type PlannedNames, type Portal } from './names.js';
import { OpenChanges } from './open-changes.js';
import type { RunningCommand } from './running-command.js';
import type { SessionContext } from './session-context.js';

/** What the commands of a session have left behind, by which its next ones are understood. */
export class SessionState {
  readonly names: SessionNames;
  readonly context: SessionContext;
  readonly #catalog: TargetCatalog;
  readonly #target: string;
  readonly #changes = new OpenChanges();
  #hasCatalogChanged = false;
  #moves = 0;

  constructor(target: string, context: SessionContext, catalog: TargetCatalog, onPortalGone: (portal: Portal) => void) {
    this.#target = target;
    this.context = context;
    this.#catalog = catalog;
    this.names = new SessionNames(onPortalGone);
  }

  /** How often something has succeeded that may have moved names. */
  get moves(): number {
    return this.#moves;
  }

  /** Whether names still mean what they meant when the command was sent: that was a moment ago, and nothing has moved them since. */
  isFresh({ startedAtMs, moves }: RunningCommand, nowMs: number): boolean {
    return startedAtMs === 0 || (moves === this.#moves && nowMs - startedAtMs <= PERMIT_MS);
  }

  /** A statement has succeeded. */
  apply(meaning: Interpretation): void {
    this.names.apply(meaning.effects);
    this.context.apply(meaning.effects, meaning);
    this.#changes.apply(meaning.effects);
    if (meaning.effects.createsOrAltersCatalog) this.#hasCatalogChanged = true;
    if (mayMoveNames(meaning)) this.#moves += 1;
    // AND CHAIN, or in a pipeline: the session does not become idle.
    if (meaning.effects.transaction === 'commit') this.#readAgain();
  }

  /** The target is ready again. The end of a transaction ends its portals, and shows its changes of the catalog to others. */
  ready(status: TransactionStatus): void {
    this.context.ready(status);
    if (status !== 'idle') return;
    this.names.forgetPortals();
    this.#changes.forget();
    this.#readAgain();
  }

  #readAgain(): void {
    if (this.#hasCatalogChanged) this.#catalog.invalidate();
    this.#hasCatalogChanged = false;
  }

  interpretation(catalog: InterpretationContext['catalog'], names: PlannedNames): InterpretationContext {
    const { searchPath, defaultSearchPath, isSettled, isKnown, user, database } = this.context;
    return {
      catalog: this.#changes.over(catalog), target: this.#target, database, searchPath, defaultSearchPath, user, searchPathSettled: isSettled, searchPathKnown: isKnown,
      prepared: (name) => names.prepared(name), cursor: (name) => names.cursor(name),
    };
  }
}
