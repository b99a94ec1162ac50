import type { Content } from '../parser/tree.js';
import { NO_EFFECTS, type Effects, type Meaning, type Readers, type Reading } from './meaning.js';
import { modeFacts } from './settings.js';
import type { Verb } from '@interlock/contracts';

/** BEGIN to ROLLBACK, savepoints, two-phase commit, deferred constraints. */
export const TRANSACTION_READERS: Readers = {
  TransactionStmt: transaction,
  ConstraintsSetStmt: (reading, node) => {
    for (const item of node.constraints ?? []) reading.a.notes.visit((item as { RangeVar?: object }).RangeVar ?? item);
    return { verb: 'set', effects: NO_EFFECTS };
  },
};

type Kind = NonNullable<Content<'TransactionStmt'>['kind']>;

const KINDS: Readonly<Record<Kind, { verb: Verb; transaction: NonNullable<Effects['transaction']> }>> = {
  TRANS_STMT_BEGIN: { verb: 'begin', transaction: 'begin' },
  TRANS_STMT_START: { verb: 'begin', transaction: 'begin' },
  TRANS_STMT_COMMIT: { verb: 'commit', transaction: 'commit' },
  TRANS_STMT_ROLLBACK: { verb: 'rollback', transaction: 'rollback' },
  TRANS_STMT_SAVEPOINT: { verb: 'savepoint', transaction: 'savepoint' },
  TRANS_STMT_RELEASE: { verb: 'release', transaction: 'release' },
  TRANS_STMT_ROLLBACK_TO: { verb: 'rollback', transaction: 'rollback_to' },
  TRANS_STMT_PREPARE: { verb: 'prepare_transaction', transaction: 'prepare_transaction' },
  TRANS_STMT_COMMIT_PREPARED: { verb: 'prepare_transaction', transaction: 'two_phase' },
  TRANS_STMT_ROLLBACK_PREPARED: { verb: 'prepare_transaction', transaction: 'two_phase' },
};

function transaction(reading: Reading, node: Content<'TransactionStmt'>): Meaning {
  const { verb, transaction: kind } = KINDS[node.kind ?? 'TRANS_STMT_BEGIN'];
  const effects: Effects = {
    ...NO_EFFECTS,
    transaction: kind,
    ...(node.savepoint_name === undefined ? {} : { savepoint: node.savepoint_name }),
    ...(node.chain === true ? { chain: true } : {}),
  };
  return { verb, effects, facts: { transactionControl: kind, ...modeFacts(reading, node.options ?? []) } };
}
