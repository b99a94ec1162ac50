import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtinFile } from '../../spec/builtin.js';
import { startClinic, type ClinicServer } from '../../spec/server.spec.js';
import { builtinCatalog } from './builtin.js';

let server: ClinicServer;

beforeAll(async () => {
  server = await startClinic();
}, 120_000);

afterAll(async () => {
  await server.stop();
});

test("the text holds the server's own catalog", async () => {
  const { rows, version } = await server.probed('postgres');
  await expect(builtinFile(rows, version)).toMatchFileSnapshot('./builtin-data.ts');
});

test('what is read from the text is what the probes give', async () => {
  const live = await server.catalog();
  const kept = builtinCatalog();
  for (const schema of ['pg_catalog', 'information_schema']) {
    const described = (catalog: typeof kept) => catalog.relationsIn(schema).filter(({ kind }) => kind === 'table' || kind === 'view')
      .map(({ name, kind, columns }) => [name, kind, columns.map((column) => [column.name, column.typeOid])]);
    expect(described(kept)).toEqual(described(live));
  }
  for (const name of ['lower', 'count', 'jsonb_each_text', 'unnest', 'generate_series', 'pg_read_file', 'concat', 'pg_sleep']) {
    const shapes = (catalog: typeof kept) => new Set(catalog.functions(name, 'pg_catalog').map((fn) => JSON.stringify([fn.kind, fn.argumentTypes.length, fn.defaults, fn.variadic, fn.returnType, fn.returnsSet, fn.outColumns, fn.volatility])));
    expect(shapes(kept)).toEqual(shapes(live));
  }
});
