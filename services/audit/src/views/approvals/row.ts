import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Ask, Review, Vote } from '@interlock/contracts';
import { wholeNumber } from '../whole-number.js';

/** Someone who tried to decide and may not. */
export interface RejectedVote {
  readonly approver: string;
  readonly reason: string;
  readonly detail: string;
  readonly at: string;
  /** Where in the ledger it lies, as one number. */
  readonly place: number;
}

export interface PlacedVote extends Vote {
  readonly place: number;
}

/** What became of a broken glass. */
export interface GlassColumn {
  readonly dueAt: string;
  readonly status: 'due' | 'accepted' | 'objected';
  readonly reviews: readonly (Pick<Review, 'verdict' | 'note' | 'at'> & { readonly reviewer: string })[];
  readonly overdueAt?: string;
  readonly settledAt?: string;
}

/** One request for people's agreement: who asked for what, who decided, and whether it was used. */
@Entity('approval')
export class ApprovalRow {
  @PrimaryColumn('text')
  grant!: string;

  @Column('text')
  tenant!: string;

  @Column('text', { nullable: true })
  session!: string | null;

  @Column('text', { nullable: true })
  command!: string | null;

  @Column('text', { nullable: true })
  requester!: string | null;

  /** The humans behind the requester. */
  @Column('jsonb', { nullable: true })
  party!: string[] | null;

  @Column('text', { nullable: true })
  target!: string | null;

  @Column('text', { nullable: true })
  text!: string | null;

  @Column('jsonb', { nullable: true })
  reasons!: string[] | null;

  @Column('jsonb', { nullable: true })
  ask!: Ask | null;

  /** `pending`, `approved`, `denied`, `expired`, `withdrawn` or `consumed`. */
  @Column('text')
  status!: string;

  @Column('jsonb')
  votes!: PlacedVote[];

  @Column('jsonb')
  rejected!: RejectedVote[];

  /** Null where people were asked, and nobody broke a glass. */
  @Column('jsonb', { nullable: true })
  glass!: GlassColumn | null;

  @Column('text', { name: 'requested_at' })
  requestedAt!: string;

  @Column('text', { name: 'expires_at', nullable: true })
  expiresAt!: string | null;

  /** Until when the command that asked, or came back for it last, is held for it; null of what was projected before that was told. */
  @Column('text', { name: 'waits_until', nullable: true })
  waitsUntil!: string | null;

  @Column('text', { name: 'decided_at', nullable: true })
  decidedAt!: string | null;

  @Column('text', { name: 'consumed_at', nullable: true })
  consumedAt!: string | null;

  @Column('text', { name: 'action_digest', nullable: true })
  actionDigest!: string | null;

  @Column('text', { name: 'grant_digest', nullable: true })
  grantDigest!: string | null;

  /** Where in the ledger its end lies, when it was denied, withdrawn or expired; as one number. */
  @Column('bigint', { name: 'ended_place', nullable: true, transformer: wholeNumber })
  endedPlace!: number | null;

  /** Where the last event about it lies. */
  @Column('bigint', { name: 'last_place', transformer: wholeNumber })
  lastPlace!: number;

  @Column('boolean')
  erased!: boolean;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('integer')
  position!: number;
}
