/** System relations that hold samples of users' data, other sessions' statements, credentials or large objects. */
const SENSITIVE = new Set([
  'pg_stats', 'pg_statistic', 'pg_stats_ext', 'pg_stats_ext_exprs', 'pg_statistic_ext_data', 'pg_authid', 'pg_shadow',
  'pg_user_mapping', 'pg_user_mappings', 'pg_largeobject', 'pg_largeobject_metadata', 'pg_stat_activity', 'pg_stat_statements',
  'pg_foreign_server', 'pg_subscription', 'pg_hba_file_rules', 'pg_file_settings', 'pg_ident_file_mappings', 'pg_stat_subscription',
  'pg_stat_wal_receiver', 'pg_stat_replication', 'pg_backend_memory_contexts', 'pg_db_role_setting', 'user_mapping_options', 'foreign_server_options',
]);

/** Whether a relation of a system schema is sensitive; TOAST tables hold users' data in pieces. */
export function isSensitiveCatalog(schema: string, name: string): boolean {
  if (schema.startsWith('pg_toast')) return true;
  return (schema === 'pg_catalog' || schema === 'information_schema' || schema === '?' || name === 'pg_stat_statements') && SENSITIVE.has(name);
}
