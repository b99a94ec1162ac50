import type { FunctionStanding } from '../analysis/notes.js';
import type { CatalogFunction } from './model.js';

/**
 * Volatile functions of pg_catalog that change nothing outside the session and reveal nothing of stored rows, and those
 * whose object (a sequence, a channel) gets an access of its own.
 */
const HARMLESS_VOLATILE = new Set([
  'random', 'random_normal', 'setseed', 'clock_timestamp', 'timeofday', 'gen_random_uuid', 'uuidv4', 'uuidv7',
  'txid_current', 'txid_current_if_assigned', 'pg_current_xact_id', 'pg_current_xact_id_if_assigned', 'pg_is_in_recovery',
  'pg_relation_size', 'pg_table_size', 'pg_total_relation_size', 'pg_indexes_size', 'pg_database_size', 'pg_tablespace_size',
  'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_stat_clear_snapshot', 'pg_listening_channels', 'pg_notification_queue_usage',
  'pg_partition_ancestors', 'pg_partition_tree', 'nextval', 'setval', 'currval', 'lastval', 'pg_notify', 'pg_advisory_unlock_all',
  'pg_collation_actual_version', 'pg_database_collation_actual_version', 'pg_tablespace_location', 'array_shuffle', 'array_sample',
]);

/** Locks between clients that agree on a number: they touch no stored object. */
const ADVISORY_LOCKS = /^pg_(try_)?advisory_(xact_)?(un)?lock(_shared)?$/;

/** Names that wait; harmless but for time. */
const SLEEPING = new Set(['pg_sleep', 'pg_sleep_for', 'pg_sleep_until']);

/** Names of pg_catalog that are stable or immutable to the planner and still read, run or reveal what no access names. */
const DANGEROUS = new Set([
  'ts_stat', 'ts_rewrite', 'pg_stat_get_activity', 'pg_stat_get_backend_activity', 'pg_stat_get_backend_client_addr',
  'pg_stat_get_progress_info', 'pg_show_all_file_settings', 'pg_hba_file_rules', 'pg_ident_file_mappings', 'pg_current_logfile',
  'pg_get_backend_memory_contexts', 'pg_get_shmem_allocations', 'pg_stat_get_wal_receiver', 'pg_stat_get_wal_senders',
]);

/** Families of such names: XML export runs queries given as text, the rest reads files, large objects and other sessions. */
const DANGEROUS_FAMILIES = /_to_xml(schema|_and_xmlschema)?$|^(lo_|loread$|lowrite$|pg_read_|pg_ls_|pg_stat_file$|pg_file_|pg_logical_|pg_replication_|dblink)/;

/** Aggregates and functions that never raise, wait or change the row count, whatever text, number or row they are given. */
const TOTAL = new Set([
  'lower', 'upper', 'length', 'char_length', 'octet_length', 'reverse', 'md5', 'concat', 'concat_ws', 'btrim', 'ltrim', 'rtrim', 'left', 'right',
  'coalesce', 'count', 'string_agg', 'json_agg', 'jsonb_agg', 'to_json', 'to_jsonb', 'row_to_json', 'bool_and', 'bool_or',
  'first_value', 'last_value', 'lag', 'lead', 'row_number', 'initcap', 'quote_literal', 'quote_nullable', 'quote_ident', 'starts_with', 'strpos', 'position',
]);

/**
 * How a function is seen. Only pg_catalog (and the few functions of information_schema) can be `safe`; among them the
 * immutable and stable ones are, unless listed, and the volatile ones are not, unless listed.
 */
export function standingOf(fn: CatalogFunction): FunctionStanding {
  if (fn.schema !== 'pg_catalog' && fn.schema !== 'information_schema') return 'defined';
  if (SLEEPING.has(fn.name)) return 'sleeps';
  if (DANGEROUS.has(fn.name) || DANGEROUS_FAMILIES.test(fn.name)) return 'dangerous';
  return fn.volatility !== 'volatile' || HARMLESS_VOLATILE.has(fn.name) || ADVISORY_LOCKS.test(fn.name) ? 'safe' : 'dangerous';
}

/** Dangerous functions whose result is made of their arguments alone. */
const WITHOUT_DATA = new Set(['set_config', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_export_snapshot', 'pg_reload_conf', 'pg_rotate_logfile']);

/** Whether a function of pg_catalog may return data that its arguments do not show: files, large objects, queries given as text. */
export function readsUnnamedData(fn: CatalogFunction): boolean {
  return standingOf(fn) === 'dangerous' && !WITHOUT_DATA.has(fn.name);
}

/** Whether a function of pg_catalog is total. `length` of two takes the name of an encoding, by which bytes are judged. */
export function isTotal(fn: CatalogFunction): boolean {
  return fn.schema === 'pg_catalog' && TOTAL.has(fn.name) && !(fn.name === 'length' && fn.argumentTypes.length > 1);
}
