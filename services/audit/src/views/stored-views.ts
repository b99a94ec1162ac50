import { Approvals1767225600000 } from '../migrations/approvals-1.js';
import { Approvals1795824000000 } from '../migrations/approvals-2.js';
import { Approvals1798243200000 } from '../migrations/approvals-3.js';
import { Approvals1798329600000 } from '../migrations/approvals-4.js';
import { Budgets1795910400000 } from '../migrations/budgets-1.js';
import { Commands1767225600000 } from '../migrations/commands-1.js';
import { Commands1795824000000 } from '../migrations/commands-2.js';
import { Commands1795910400000 } from '../migrations/commands-3.js';
import { Commands1795996800000 } from '../migrations/commands-4.js';
import { Recordings1767225600000 } from '../migrations/recordings-1.js';
import { Sessions1767225600000 } from '../migrations/sessions-1.js';
import { Sessions1795824000000 } from '../migrations/sessions-2.js';
import { Sessions1795996800000 } from '../migrations/sessions-3.js';
import { approvals } from './approvals/evolve.js';
import { ApprovalRow } from './approvals/row.js';
import { budgets } from './budgets/evolve.js';
import { BudgetRow } from './budgets/row.js';
import { commands } from './commands/evolve.js';
import { CommandRow } from './commands/row.js';
import { recordings } from './recordings/evolve.js';
import { RecordingRow } from './recordings/row.js';
import { sessions } from './sessions/evolve.js';
import { SessionRow } from './sessions/row.js';
import type { StoredView } from './view-store.js';

/** Every view there is, each with its table. */
export const STORED_VIEWS = {
  sessions: { view: sessions, row: SessionRow, migrations: [Sessions1767225600000, Sessions1795824000000, Sessions1795996800000] } as StoredView<SessionRow>,
  commands: { view: commands, row: CommandRow, migrations: [Commands1767225600000, Commands1795824000000, Commands1795910400000, Commands1795996800000] } as StoredView<CommandRow>,
  approvals: { view: approvals, row: ApprovalRow, migrations: [Approvals1767225600000, Approvals1795824000000, Approvals1798243200000, Approvals1798329600000] } as StoredView<ApprovalRow>,
  recordings: { view: recordings, row: RecordingRow, migrations: [Recordings1767225600000] } as StoredView<RecordingRow>,
  budgets: { view: budgets, row: BudgetRow, migrations: [Budgets1795910400000] } as StoredView<BudgetRow>,
} as const;

export type ViewName = keyof typeof STORED_VIEWS;
export type RowOf<Name extends ViewName> = (typeof STORED_VIEWS)[Name] extends StoredView<infer Row> ? Row : never;

export const VIEW_NAMES = Object.keys(STORED_VIEWS) as ViewName[];
