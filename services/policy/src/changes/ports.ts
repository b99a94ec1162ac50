import type { AggregateStore, Ledger, Outcome } from '@interlock/kernel';
import type { Bundle, ChangeRecord, Configuration, SealedBox } from '@interlock/contracts';
import type { Recognised } from '@interlock/domain-identity';

/** Something wrong in the masking section, by its path. */
export interface MaskingProblem {
  readonly path: string;
  readonly detail: string;
}

/** What the change desk needs of the outside. */
export interface ChangePorts {
  readonly records: AggregateStore<ChangeRecord>;
  readonly ledger: Ledger;
  readonly control: ControlPort;
  nowMs(): number;
  /** A fresh, unguessable id. */
  newId(): string;
  /** Whose token it is, by this configuration; the one in force when it is left out. */
  recognise(token: SealedBox, configuration?: Configuration): Promise<Outcome<Recognised>>;
  /** Asks the masking service; refuses when it does not answer. */
  maskingProblems(configuration: Configuration): Promise<Outcome<readonly MaskingProblem[]>>;
  /** Asks the vault which targets have an elevated credential; refuses when it does not answer. */
  elevatedTargets(): Promise<Outcome<readonly string[]>>;
}

/** The bundle in force, and the one way to replace it. */
export interface ControlPort {
  bundle(): Bundle | undefined;
  /**
   * Signs and stores the bundle's JSON text, once the newest one stored is the one before it. Resolves when it is in
   * force here. Refuses with `conflict` when another bundle was stored meanwhile.
   */
  publish(text: string, version: number): Promise<Outcome<unknown>>;
}
