import { as, type Content, type Node } from '../parser/tree.js';
import { access, NO_EFFECTS, type Effects, type Meaning, type Readers, type Reading } from './meaning.js';

/** SET, RESET, SHOW and DISCARD. */
export const SETTING_READERS: Readers = { VariableSetStmt: set, VariableShowStmt: show, DiscardStmt: discard };

/**
 * Settings that change only how a session's own statements are timed, planned, stored or shown, and how early they fail; of PostgreSQL 14 to
 * 18, as pg_settings lists what a session may set. `row_security` off makes a query fail that a policy would filter, and lifts no policy.
 *
 * Left out, and so refused: what changes whose rights count (role, session_authorization, session_replication_role, createrole_self_grant,
 * lo_compat_privileges), what text means (transform_null_equals, plpgsql.variable_conflict), what runs beside statements (local_preload_libraries,
 * event_triggers, plpgsql.check_asserts), how passwords are kept (password_encryption, scram_iterations), what the target writes down
 * (log_*, track_*, debug_print_*, trace_*), developers' switches (zero_damaged_pages, ...), and settings of an application's own
 * (`app.user`), which policies for rows read.
 */
const HARMLESS = new Set(
  `
  application_name timezone timezone_abbreviations datestyle intervalstyle extra_float_digits bytea_output lc_messages lc_monetary lc_numeric lc_time
  client_min_messages xmloption xmlbinary array_nulls escape_string_warning backslash_quote quote_all_identifiers exit_on_error plpgsql.extra_errors
  plpgsql.extra_warnings default_text_search_config check_function_bodies icu_validation_level md5_password_warnings
  statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout transaction_timeout deadlock_timeout
  client_connection_check_interval tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval tcp_user_timeout wal_sender_timeout
  default_transaction_isolation default_transaction_read_only default_transaction_deferrable transaction_isolation transaction_read_only
  transaction_deferrable synchronous_commit commit_delay commit_siblings row_security restrict_nonsystem_relation_kind stats_fetch_consistency
  work_mem maintenance_work_mem temp_buffers hash_mem_multiplier logical_decoding_work_mem gin_pending_list_limit temp_file_limit vacuum_buffer_usage_limit
  effective_cache_size effective_io_concurrency maintenance_io_concurrency io_combine_limit backend_flush_after wal_skip_threshold
  random_page_cost seq_page_cost cpu_tuple_cost cpu_index_tuple_cost cpu_operator_cost parallel_setup_cost parallel_tuple_cost
  min_parallel_table_scan_size min_parallel_index_scan_size max_parallel_workers max_parallel_workers_per_gather max_parallel_maintenance_workers
  parallel_leader_participation debug_parallel_query force_parallel_mode plan_cache_mode cursor_tuple_fraction recursive_worktable_factor constraint_exclusion
  from_collapse_limit join_collapse_limit default_statistics_target synchronize_seqscans gin_fuzzy_search_limit seed
  geqo geqo_effort geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold
  jit jit_above_cost jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_tuple_deforming
  default_tablespace temp_tablespaces default_table_access_method default_toast_compression file_copy_method
  vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age
  vacuum_freeze_table_age vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age
  vacuum_multixact_freeze_table_age vacuum_truncate
  `.trim().split(/\s+/),
);
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
    facts: { setsSetting: shown, unsafeSetting: node.kind !== 'VAR_RESET_ALL' && !isHarmless(name, values), ...(values === 'default' ? {} : { settingValue: values.join(', ') }) },
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


/**
 * Whether a setting may take these values without changing what statements mean or what the gateway relies on. By default it is what it
 * was when the session began, which the gateway saw to.
 */
export function isHarmless(name: string, values: readonly string[] | 'default'): boolean {
  if (values === 'default' || name === 'search_path') return true;
  if (name === 'client_encoding') return /^(utf-?8|unicode)$/i.test(values.join());
  if (name === 'standard_conforming_strings') return /^(on|true|1|yes)$/i.test(values.join());
  return HARMLESS.has(name) || HARMLESS_FAMILY.test(name);
}

/** The settings that a function brings along while it runs (`SET name …` among its options); whether one of them is not harmless. */
export function functionSettings(reading: Reading, options: readonly Node[]): { readonly unsafeSetting?: true } {
  let isUnsafe = false;
  for (const option of options) {
    const setting = as(as(option, 'DefElem')?.arg, 'VariableSetStmt');
    if (setting === undefined) continue;
    reading.a.notes.visit(setting);
    const values = setting.kind === 'VAR_SET_VALUE' ? (setting.args ?? []).map((argument) => valueOf(reading, argument)) : 'default';
    isUnsafe ||= !isHarmless((setting.name ?? '').toLowerCase(), values);
  }
  return isUnsafe ? { unsafeSetting: true } : {};
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

/** Isolation and read-only as facts, of BEGIN and of SET TRANSACTION; a snapshot is a bare literal. */
export function modeFacts(reading: Reading, modes: readonly Node[]): Record<string, string | boolean> {
  const facts: Record<string, string | boolean> = {};
  for (const mode of modes) {
    const option = as(mode, 'DefElem');
    const literal = as(option?.arg, 'A_Const') ?? as(mode, 'A_Const');
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
