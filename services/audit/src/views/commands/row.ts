import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Action, Ask, DecisionReason, GatheredFacts, Risk } from '@interlock/contracts';
import { wholeNumber } from '../whole-number.js';

/** The decision that people had to agree to first. */
export interface Asking {
  /** Id of the event that holds it. */
  readonly event: string;
  readonly at: string;
  readonly reasons: DecisionReason[];
  readonly bundleVersion: number;
  readonly ask: Ask;
  readonly risk?: Risk;
  readonly gathered?: (GatheredFacts | null)[];
}

/** One command: what was asked, what was decided and why, what came of it. Its content is null once its key was destroyed. */
@Entity('command')
export class CommandRow {
  @PrimaryColumn('text')
  command!: string;

  @Column('text')
  tenant!: string;

  @Column('text', { nullable: true })
  session!: string | null;

  @Column('text', { nullable: true })
  exchange!: string | null;

  @Column('text', { nullable: true })
  principal!: string | null;

  @Column('text', { nullable: true })
  target!: string | null;

  @Column('text', { nullable: true })
  verb!: string | null;

  @Column('text', { nullable: true })
  text!: string | null;

  @Column('jsonb', { nullable: true })
  parameters!: Action['parameters'] | null;

  /** Verbs on objects, as policy judged them. */
  @Column('jsonb', { nullable: true })
  accesses!: Action['accesses'] | null;

  @Column('jsonb', { nullable: true })
  facts!: Action['facts'] | null;

  @Column('text', { name: 'action_digest', nullable: true })
  actionDigest!: string | null;

  /** `allow`, `deny`, `ask` while it waits, or `refused`: it could not become an action. */
  @Column('text', { nullable: true })
  decision!: 'allow' | 'deny' | 'ask' | 'refused' | null;

  @Column('jsonb', { nullable: true })
  reasons!: DecisionReason[] | null;

  /** What it scored; null where no risk model was declared. */
  @Column('jsonb', { nullable: true })
  risk!: Risk | null;

  /** By access, what was gathered of the histories of objects; null where no rule read any. */
  @Column('jsonb', { nullable: true })
  gathered!: (GatheredFacts | null)[] | null;

  @Column('bigint', { name: 'bundle_version', nullable: true, transformer: wholeNumber })
  bundleVersion!: number | null;

  /** Null for what was decided at once. */
  @Column('jsonb', { nullable: true })
  asking!: Asking | null;

  /** The grant that let it through, and who agreed. */
  @Column('text', { nullable: true })
  grant!: string | null;

  @Column('jsonb', { nullable: true })
  approvers!: string[] | null;

  @Column('text', { name: 'asked_at' })
  askedAt!: string;

  @Column('text', { name: 'decided_at' })
  decidedAt!: string;

  /** Null while it runs, and for what was never forwarded. */
  @Column('text', { nullable: true })
  status!: string | null;

  @Column('text', { name: 'ended_at', nullable: true })
  endedAt!: string | null;

  @Column('text', { nullable: true })
  summary!: string | null;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode!: string | null;

  @Column('bigint', { nullable: true, transformer: wholeNumber })
  rows!: number | null;

  @Column('bigint', { nullable: true, transformer: wholeNumber })
  bytes!: number | null;

  @Column('bigint', { nullable: true, transformer: wholeNumber })
  masked!: number | null;

  @Column('double precision', { name: 'duration_ms', nullable: true })
  durationMs!: number | null;

  /** Where its answer begins in the exchange's recording. */
  @Column('bigint', { name: 'first_byte', nullable: true, transformer: wholeNumber })
  firstByte!: number | null;

  @Column('boolean')
  erased!: boolean;

  /** Id of the event that holds the decision it ran under. */
  @Column('text')
  event!: string;

  /** Where in the ledger that decision lies, as one number: see {@link placeNumber}. */
  @Column('bigint', { name: 'decided_place', transformer: wholeNumber })
  decidedPlace!: number;

  /** Where its outcome lies. */
  @Column('bigint', { name: 'ended_place', nullable: true, transformer: wholeNumber })
  endedPlace!: number | null;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('integer')
  position!: number;
}
