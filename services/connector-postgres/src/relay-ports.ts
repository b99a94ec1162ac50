import type { RowMeter } from '@interlock/gateway';
import type { Catalog } from '@interlock/language-postgres';
import type { TransactionStatus } from '@interlock/protocol-postgres';
import type { ClientWriter } from './client-writer.js';
import type { Reader } from './reader.js';
import type { RunningCommand } from './running-command.js';

export type CommandEnd = 'completed' | 'failed' | 'cancelled' | 'not_sent';

export interface RelayPorts {
  readonly client: ClientWriter;
  readonly reader: () => Reader;
  readonly catalog: () => Catalog;
  /** A command has ended. */
  readonly settle: (command: RunningCommand, end: CommandEnd, more?: { readonly summary?: string; readonly errorCode?: string }) => void;
  /** Everything that was expected has been answered. */
  readonly onAnswered: () => void;
  /** The target is ready for the next; its transaction is in `status`. */
  readonly onReady: (status: TransactionStatus) => void;
  /** The target wants input for a COPY. */
  readonly onCopyIn: (command: RunningCommand | undefined) => void;
  readonly onParameter: (name: string, value: string) => void;
  /** The target said something that cannot be relayed. */
  readonly onBroken: (detail: string) => void;
  /** Rows that it wrote have to be paid for first: the client hears of it, and it is settled, when they are. False where that is not so. */
  readonly isWritten: (command: RunningCommand, tag: string) => boolean;
  /** It has not ended, and no tag will count what it has written. */
  readonly onSuspended: (command: RunningCommand | undefined) => void;
  /**
   * What the final message waits for, where there is something: what was written to be paid for and made to last, which may change that message; of targets
   * labelled strict, outcome and recording; the ids of what was created.
   */
  readonly beforeReady: (status: TransactionStatus) => (() => Promise<TransactionStatus>) | undefined;
  readonly onFault: (fault: unknown) => void;
  /** Counts rows against budgets; undefined when none covers the session. */
  readonly meter: () => RowMeter | undefined;
  /** What was held back has been taken: more may come. */
  readonly onRoom: () => void;
}
