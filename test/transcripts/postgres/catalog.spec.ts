import { describe, expect, it } from 'vitest';
import { CATALOG_QUERIES, CATALOG_SESSION, catalogFromRows, type Catalog, type CatalogRows } from '@interlock/language-postgres';
import { setUp } from './setting.js';

const setting = setUp();

/** Each changes what a statement may mean, in a way of its own. */
const CHANGES = [
  'CREATE TABLE k1 (id int PRIMARY KEY, a text, b text)', 'CREATE TABLE k2 (LIKE k1)', 'ALTER TABLE k1 RENAME COLUMN a TO c', 'ALTER TABLE k1 ADD d int NOT NULL',
  'CREATE UNIQUE INDEX k1_b ON k1 (b)', 'ALTER TABLE k2 ALTER b SET NOT NULL', 'DROP INDEX k1_b', 'ALTER TABLE k1 DROP COLUMN b', 'ALTER TABLE k2 ALTER a TYPE varchar(9)',
  'CREATE VIEW v1 AS SELECT id, c FROM k1', 'ALTER VIEW v1 RENAME COLUMN c TO shown', 'ALTER TABLE k1 RENAME COLUMN c TO e', 'CREATE TYPE pair AS (x int, y int)', 'ALTER TYPE pair ADD ATTRIBUTE z int',
  'ALTER TABLE k2 ADD CONSTRAINT k2_b UNIQUE (b)', 'ALTER TABLE k2 DROP CONSTRAINT k2_b', 'CREATE TABLE k3 (only_one int)', 'ALTER TABLE k3 DROP COLUMN only_one', 'DROP TABLE k2',
  'CREATE SCHEMA moved', 'ALTER TABLE k1 SET SCHEMA moved', 'ALTER SCHEMA moved RENAME TO gone', 'CREATE TABLE family (a int, m text) PARTITION BY LIST (a)', 'CREATE TABLE child PARTITION OF family FOR VALUES IN (1)',
  'ALTER TABLE family RENAME COLUMN m TO n',
];

/** Every relation with its columns, as text. */
function shapeOf(catalog: Catalog): string[] {
  return [...catalog.schemas.keys()].flatMap((schema) => catalog.relationsIn(schema)).map(({ oid, schema, name, kind, definition, columns }) => (
    `${oid} ${schema}.${name} ${kind} ${definition ?? ''} (${columns.map((column) => [column.name, column.attnum, column.typeOid, column.notNull, column.unique, column.relation.oid === oid].join(' ')).join()})`));
}

async function readWhole(): Promise<Catalog> {
  return setting.target.bare('sandbox', async (client) => {
    for (const text of CATALOG_SESSION) await client.query(text);
    const rows: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(CATALOG_QUERIES)) rows[name] = (await client.query(text)).rows;
    return catalogFromRows(rows as unknown as CatalogRows);
  });
}

describe('a catalog that is read again', () => {
  it('is what a whole reading says, after every kind of change, though only the columns that were touched are read', async () => {
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const { watch, catalogs } = setting.world.connector.ports;
      const catalog = catalogs.of(watch.inForce!.bundle.configuration.targets.find(({ name }) => name === 'sandbox')!);
      const wholeReadings = (): number => setting.world.events('probe.ran.v1').filter((probe) => (probe as { text: string }).text === CATALOG_QUERIES.columns).length;
      await client.query('SELECT 1');
      const before = wholeReadings();
      for (const change of CHANGES) {
        await client.query(change);
        await client.query('SELECT 1');
        expect([change, shapeOf(catalog.last!)]).toEqual([change, shapeOf(await readWhole())]);
      }
      // What a dropped index leaves behind cannot be told.
      expect(wholeReadings() - before).toBe(CHANGES.filter((change) => /DROP (INDEX|CONSTRAINT)/.test(change)).length);
    });
  });

  it('stays the same object while nothing changes', async () => {
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const { watch, catalogs } = setting.world.connector.ports;
      const catalog = catalogs.of(watch.inForce!.bundle.configuration.targets.find(({ name }) => name === 'sandbox')!);
      const readAgain = async (): Promise<Catalog | undefined> => {
        catalog.invalidate();
        await client.query('SELECT 1');
        return catalog.last;
      };
      const known = await readAgain();
      expect(await readAgain()).toBe(known);
    });
  });
});
