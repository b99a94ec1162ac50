import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { atClinic, clinic, meaningOf } from '../spec/clinic.js';
import { createInterpreter, interpretText, loadParser, overlayCatalog, type Catalog, type InterpretationContext } from './index.js';

beforeAll(loadParser);

const TEXTS = [
  'SELECT 1', "SELECT 'x'", 'SELECT id FROM people WHERE id = 7', 'SELECT id FROM people WHERE id = 8', " SELECT id FROM people WHERE id = 9 ; ", 'DELETE FROM visits WHERE 1 = 1', 'DELETE FROM visits WHERE 1 = 2',
  'DELETE FROM visits WHERE id = id + 0', "DELETE FROM visits WHERE ward LIKE '%'", "DELETE FROM visits WHERE ward LIKE 'a%'", 'DELETE FROM visits WHERE coalesce(price, 1) = coalesce(price, 1)',
  'DELETE FROM visits WHERE coalesce(price, 1) = coalesce(price, 2)', 'SELECT name, mail FROM people ORDER BY 1', 'SELECT name, mail FROM people ORDER BY 2', 'SELECT name FROM people GROUP BY 1',
  "SELECT nextval('tickets')", "SELECT nextval('other.tickets')", "SELECT set_config('search_path', 'other', false)", "SELECT set_config('search_path', 'public', false)", "SET search_path = 'other'", "SET search_path = 'public'",
  "SELECT pg_notify('a', 'x')", "SELECT pg_notify('b', 'x')", "COPY visits TO '/a'", "COPY visits TO STDOUT", 'FETCH 1 FROM c', 'SELECT 1; SELECT 2', 'SELECT 1; SELECT 3', "SELECT 'true' WHERE 'true'", "SELECT 'false' WHERE 'false'",
  'DELETE FROM visits WHERE true', 'DELETE FROM visits WHERE price < 5 OR price >= 5', 'DELETE FROM visits WHERE price < 5 OR price >= 6', 'SELECT * FROM nothing WHERE id = 4', 'SELEC 4', 'INSERT INTO notes VALUES (1, \'é\')',
  "INSERT INTO notes VALUES (2, 'è ''')", "SELECT 'a\u2028b'", 'SELECT 1.5', 'SELECT 2.5', 'SELECT 10000000000', 'EXECUTE p', "DELETE FROM visits WHERE 'a' = 'a'", "DELETE FROM visits WHERE 'a' = 'b'",
];

describe('what is remembered', () => {
  test('is what a fresh interpretation says, whatever came before', () => {
    const interpreter = createInterpreter();
    for (const round of [TEXTS, [...TEXTS].reverse(), TEXTS]) {
      for (const sql of round) expect([sql, interpreter.interpret(sql, atClinic)]).toEqual([sql, interpretText(sql, atClinic)]);
    }
  });

  test('is shared between texts that differ in literals alone', () => {
    const interpreter = createInterpreter();
    const accesses = (sql: string): unknown => {
      const meaning = interpreter.interpret(sql, atClinic);
      return meaning.ok ? meaning.value[0]?.accesses : undefined;
    };
    expect(accesses('UPDATE visits SET price = price + 5 WHERE id = 12')).toBe(accesses('UPDATE visits SET price = price + 99 WHERE id = 3'));
    expect(accesses('DELETE FROM visits WHERE 1 = 1')).not.toBe(accesses('DELETE FROM visits WHERE 1 = 2'));
  });

  test('goes with its catalog, of which every change of a schema makes another', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const interpreter = createInterpreter();
    const interpretBy = (catalog: Catalog): WeakRef<Catalog> => {
      for (const sql of TEXTS) interpreter.interpret(sql, { ...atClinic, catalog });
      return new WeakRef(catalog);
    };
    const gone = interpretBy({ ...clinic });
    await new Promise(setImmediate);
    collect();
    expect(gone.deref()).toBeUndefined();
    expect(interpreter.interpret('SELECT 1', atClinic)).toEqual(interpretText('SELECT 1', atClinic));
  });

  test('is kept apart by circumstances', () => {
    const interpreter = createInterpreter();
    const first = (sql: string, context: InterpretationContext): string | undefined => {
      const meaning = interpreter.interpret(sql, context);
      return meaning.ok ? meaning.value[0]?.accesses[0]?.object.path.join('.') : meaning.refusal.reason;
    };
    for (let round = 0; round < 2; round += 1) {
      expect(first('SELECT id FROM visits', atClinic)).toBe('clinic.public.visits');
      expect(first('SELECT id FROM visits', { ...atClinic, searchPath: ['other'] })).toBe('clinic.other.visits');
      expect(first('SELECT id FROM visits', { ...atClinic, searchPath: ['$user'], user: 'other' })).toBe('clinic.other.visits');
      expect(first('SELECT id FROM visits', { ...atClinic, target: 'annex' })).toBe('annex.public.visits');
      expect(first('SELECT id FROM visits', { ...atClinic, catalog: overlayCatalog(clinic, [{ kind: 'dropped', schema: 'public', name: 'visits' }]) })).toBe('clinic.?.visits');
      expect(first('COMMIT; SELECT id FROM visits', atClinic)).toBe('search_path_unknown');
      expect(first('COMMIT; SELECT id FROM visits', { ...atClinic, searchPathSettled: true })).toBe('clinic');
    }
  });

  test('never includes what depends on the session', () => {
    const interpreter = createInterpreter();
    const { prepares } = meaningOf('PREPARE p AS DELETE FROM visits').effects;
    expect(interpreter.interpret('EXECUTE p', atClinic)).toMatchObject({ ok: false, refusal: { reason: 'prepared_statement_unknown' } });
    expect(interpreter.interpret('EXECUTE p', { ...atClinic, prepared: () => prepares?.statement })).toMatchObject({ ok: true, value: [{ verb: 'delete' }] });
    expect(interpreter.interpret('EXECUTE p', atClinic)).toMatchObject({ ok: false });
  });

  test('is bounded, and forgets what was used longest ago', () => {
    const interpreter = createInterpreter(4);
    const texts = Array.from({ length: 50 }, (_, index) => `SELECT c${index} FROM nothing`);
    for (const sql of [...texts, ...texts]) expect(interpreter.interpret(sql, atClinic).ok).toBe(true);
  });
});
