import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../whole-number.js';

/** What connectors have leased of one account of a budget in one window. */
@Entity('budget_window')
export class BudgetRow {
  /** `<budget>/<account>/<end of its window>`, or `<budget>/<account>/rolling`. */
  @PrimaryColumn('text')
  window!: string;

  @Column('text')
  budget!: string;

  @Column('text')
  account!: string;

  /** RFC 3339. */
  @Column('text', { name: 'window_ends_at' })
  windowEndsAt!: string;

  /** As of the last lease: what was given back since is not in the ledger. */
  @Column('bigint', { transformer: wholeNumber })
  leased!: number;

  @Column('bigint', { transformer: wholeNumber })
  most!: number;

  /** When it was leased last. */
  @Column('text', { name: 'leased_at' })
  leasedAt!: string;
}
