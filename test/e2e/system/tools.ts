import { fileURLToPath } from 'node:url';
import { ensureTestBrowser, ensureTestPrograms, type TestPrograms } from '@interlock/deploy-local';

export const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

let programs: Promise<TestPrograms> | undefined;

/** psql, pg_dump and the bus's server, found on PATH or fetched once for this checkout. */
export function testPrograms(): Promise<TestPrograms> {
  programs ??= ensureTestPrograms(CHECKOUT, process.env, (line) => console.error(line));
  return programs;
}

/** Chromium, found on PATH or fetched once for this checkout. */
export function testBrowser(): Promise<string> {
  return ensureTestBrowser(CHECKOUT, process.env, (line) => console.error(line));
}
