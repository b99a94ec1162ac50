import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../whole-number.js';

/** One session: who was where, from when to when. Everything but its identifiers is null once its key was destroyed. */
@Entity('session')
export class SessionRow {
  @PrimaryColumn('text')
  session!: string;

  @Column('text')
  tenant!: string;

  @Column('text', { nullable: true })
  principal!: string | null;

  @Column('text', { name: 'principal_kind', nullable: true })
  principalKind!: string | null;

  /** The humans behind the principal. */
  @Column('jsonb', { nullable: true })
  party!: string[] | null;

  @Column('text', { nullable: true })
  target!: string | null;

  @Column('text', { nullable: true })
  protocol!: string | null;

  /** `open`, `closed`, or `lost`: its connector started anew without having closed it. */
  @Column('text')
  status!: 'open' | 'closed' | 'lost';

  @Column('text', { name: 'opened_at' })
  openedAt!: string;

  @Column('text', { name: 'closed_at', nullable: true })
  closedAt!: string | null;

  @Column('text', { name: 'close_reason', nullable: true })
  closeReason!: string | null;

  @Column('text', { name: 'close_detail', nullable: true })
  closeDetail!: string | null;

  /** Commands and bytes, as the connector counted them at the end. */
  @Column('bigint', { nullable: true, transformer: wholeNumber })
  commands!: number | null;

  @Column('bigint', { name: 'bytes_to_client', nullable: true, transformer: wholeNumber })
  bytesToClient!: number | null;

  @Column('text', { name: 'client_address', nullable: true })
  clientAddress!: string | null;

  @Column('text', { name: 'client_application', nullable: true })
  clientApplication!: string | null;

  /** What the client says it is for, by which it may see more. */
  @Column('text', { nullable: true })
  purpose!: string | null;

  @Column('text', { name: 'token_expires_at', nullable: true })
  tokenExpiresAt!: string | null;

  @Column('bigint', { name: 'bundle_version', nullable: true, transformer: wholeNumber })
  bundleVersion!: number | null;

  @Column('boolean')
  erased!: boolean;

  /** Subject of the connector's instance. */
  @Column('text')
  instance!: string;

  @Column('text')
  run!: string;

  /** Where in the ledger its end lies, as one number: see placeNumber. */
  @Column('bigint', { name: 'closed_place', nullable: true, transformer: wholeNumber })
  closedPlace!: number | null;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('integer')
  position!: number;
}
