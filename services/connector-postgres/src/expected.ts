import type { Portal, PreparedStatement } from './names.js';
import type { RunningCommand } from './running-command.js';

/** One answer that the target owes, in order. */
export interface Expected {
  readonly kind: 'parse' | 'bind' | 'close' | 'describe' | 'execute' | 'query' | 'sync';
  /** Commands whose answer this is: of a simple query one per statement. */
  readonly commands: readonly RunningCommand[];
  /** The gateway asked, not the client: the answer is not handed on. */
  readonly drop?: boolean;
  /** What was described. */
  readonly statement?: PreparedStatement;
  readonly portal?: Portal;
  /** A message sent in order to fail, so that the target treats its transaction as the refusal wants; this is what the client sees instead. */
  readonly refusal?: Buffer;
  /** Called when the target has done it. */
  readonly onSuccess?: () => void;
}

export const NO_COMMANDS: readonly RunningCommand[] = [];
