/** Built-in types by the OID that every server knows them by (PostgreSQL, `pg_type.dat`). */
export const OID = {
  bytea: 17, name: 19, int8: 20, int2: 21, int4: 23, text: 25, json: 114, xml: 142, float4: 700, float8: 701, unknown: 705, bpchar: 1042, varchar: 1043,
  date: 1082, timestamp: 1114, timestamptz: 1184, numeric: 1700, cstring: 2275, uuid: 2950, jsonb: 3802,
} as const;
