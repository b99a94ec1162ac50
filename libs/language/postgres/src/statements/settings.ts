import { as, type Content, type Node } from '../parser/tree.js';
import { access, NO_EFFECTS, type Effects, type Meaning, type Readers, type Reading } from './meaning.js';

/** SET, RESET, SHOW and DISCARD. */
export const SETTING_READERS: Readers = { VariableSetStmt: set, VariableShowStmt: show, DiscardStmt: discard };

/**
 * Settings that change only how a session's own statements are timed, planned or shown, where what they make is stored, and how early they
 * fail: `row_security` off makes a query fail that a policy would filter, and lifts no policy.
 */
const HARMLESS = new Set([
  'application_name', 'timezone', 'datestyle', 'intervalstyle', 'extra_float_digits', 'bytea_output', 'statement_timeout', 'lock_timeout',
  'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout', 'work_mem', 'maintenance_work_mem', 'temp_buffers', 'hash_mem_multiplier',
  'client_min_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'default_transaction_isolation', 'default_transaction_read_only',
  'default_transaction_deferrable', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable', 'synchronous_commit',
  'random_page_cost', 'seq_page_cost', 'effective_cache_size', 'cpu_tuple_cost', 'jit', 'geqo', 'from_collapse_limit', 'join_collapse_limit',
  'plan_cache_mode', 'cursor_tuple_fraction', 'max_parallel_workers_per_gather', 'xmloption', 'xmlbinary', 'escape_string_warning', 'gin_fuzzy_search_limit',
  'max_parallel_workers', 'max_parallel_maintenance_workers', 'min_parallel_table_scan_size', 'min_parallel_index_scan_size', 'parallel_setup_cost', 'parallel_tuple_cost',
  'cpu_index_tuple_cost', 'cpu_operator_cost', 'effective_io_concurrency', 'constraint_exclusion', 'debug_parallel_query', 'force_parallel_mode',
  'row_security', 'restrict_nonsystem_relation_kind', 'check_function_bodies', 'default_tablespace', 'default_table_access_method', 'default_toast_compression',
  'default_text_search_config', 'seed', 'backslash_quote', 'quote_all_identifiers', 'parallel_leader_participation', 'synchronize_seqscans', 'default_statistics_target',
]);
const HARMLESS_FAMILY = /^enable_[a-z_]+$/;

function set(reading: Reading, node: Content<'VariableSetStmt'>): Meaning {
  const name = (node.name ?? '').toLowerCase();
  const verb = node.kind === 'VAR_RESET' || node.kind === 'VAR_RESET_ALL' ? 'reset' : 'set';
  if (node.kind === 'VAR_SET_MULTI') return transactionModes(reading, name, node.args ?? []);
  const shown = node.kind === 'VAR_RESET_ALL' ? 'all' : name;
  access(reading, verb, 'setting', [shown]);
  const values = node.kind === 'VAR_SET_VALUE' ? (node.args ?? []).map((argument) => valueOf(reading, argument)) : 'default';
  return {
    verb,
    effects: settingEffects(node, name, values),
    facts: { setsSetting: shown, unsafeSetting: !isSafe(name, node, values), ...(values === 'default' ? {} : { settingValue: values.join(', ') }) },
  };
}

/** A value as text; a type cast (`SET TIME ZONE INTERVAL '1'`) is shown by its literal. */
function valueOf(reading: Reading, node: Node): string {
  const inner = as(node, 'TypeCast')?.arg ?? node;
  const literal = as(inner, 'A_Const');
  reading.a.notes.visit(as(node, 'TypeCast') ?? {});
  if (literal !== undefined) reading.a.notes.visit(literal);
  reading.a.notes.readsLiterals = true;
  return literal?.sval?.sval ?? literal?.fval?.fval ?? String(literal?.ival?.ival ?? 0);
}

function isSafe(name: string, node: Content<'VariableSetStmt'>, values: readonly string[] | 'default'): boolean {
  if (node.kind === 'VAR_RESET_ALL') return true;
  return isHarmless(name, values);
}

/** Whether a setting may take these values without changing what statements mean or what the gateway relies on. */
export function isHarmless(name: string, values: readonly string[] | 'default'): boolean {
  if (name === 'search_path') return true;
  if (name === 'client_encoding') return values !== 'default' && /^utf-?8$/i.test(values.join());
  if (name === 'standard_conforming_strings') return values !== 'default' && /^(on|true|1|yes)$/i.test(values.join());
  return HARMLESS.has(name) || HARMLESS_FAMILY.test(name);
}

function settingEffects(node: Content<'VariableSetStmt'>, name: string, values: readonly string[] | 'default'): Effects {
  const local = node.is_local === true;
  if (node.kind === 'VAR_RESET_ALL') return { ...NO_EFFECTS, searchPath: { members: 'default', local } };
  return name === 'search_path' ? { ...NO_EFFECTS, searchPath: { members: values, local } } : NO_EFFECTS;
}

/** SET TRANSACTION and SET SESSION CHARACTERISTICS; a snapshot is another session's view of the rows, and harmless. */
function transactionModes(reading: Reading, name: string, modes: readonly Node[]): Meaning {
  access(reading, 'set', 'setting', [name.replaceAll(' ', '_')]);
  return { verb: 'set', effects: NO_EFFECTS, facts: { setsSetting: name, unsafeSetting: false, ...modeFacts(reading, modes) } };
}

/** Isolation and read-only as facts, of BEGIN and of SET TRANSACTION. */
export function modeFacts(reading: Reading, modes: readonly Node[]): Record<string, string | boolean> {
  const facts: Record<string, string | boolean> = {};
  for (const mode of modes) {
    const option = as(mode, 'DefElem');
    const literal = as(option?.arg, 'A_Const');
    if (literal !== undefined) reading.a.notes.visit(literal);
    if (option?.defname === 'transaction_isolation') facts['isolation'] = literal?.sval?.sval ?? '';
    if (option?.defname === 'transaction_read_only') facts['readOnly'] = literal?.ival?.ival === 1;
  }
  return facts;
}

function show(reading: Reading, node: Content<'VariableShowStmt'>): Meaning {
  const name = (node.name ?? '').toLowerCase();
  access(reading, 'show', 'setting', [name]);
  const names = name === 'all' ? ['name', 'setting', 'description'] : [node.name ?? ''];
  return { verb: 'show', effects: NO_EFFECTS, columns: names.map((column) => ({ name: column, value: { origins: [], direct: true, total: true } })) };
}

function discard(_reading: Reading, node: Content<'DiscardStmt'>): Meaning {
  switch (node.target) {
    case 'DISCARD_PLANS': return { verb: 'discard', effects: { ...NO_EFFECTS, discards: 'plans' } };
    case 'DISCARD_SEQUENCES': return { verb: 'discard', effects: { ...NO_EFFECTS, discards: 'sequences' } };
    case 'DISCARD_TEMP': return { verb: 'discard', effects: { discards: 'temporary', createsOrAltersCatalog: true } };
    default: return {
      verb: 'discard',
      effects: { discards: 'all', deallocates: 'all', closesCursor: 'all', searchPath: { members: 'default', local: false }, createsOrAltersCatalog: true },
    };
  }
}
