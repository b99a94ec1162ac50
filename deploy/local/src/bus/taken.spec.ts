import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BEACON_LISTENERS, READERS, RPC_CALLERS, SERVICES, WRITERS, type ServiceName } from './permissions.js';

const architecture = readFileSync(new URL('../../../../ARCHITECTURE.md', import.meta.url), 'utf8');

/** Rows of the first table below a heading, cell by cell, without its head. */
function tableBelow(heading: string): string[][] {
  const lines = architecture.slice(architecture.indexOf(`\n${heading}\n`)).split('\n');
  const start = lines.findIndex((line) => line.startsWith('|')) + 2;
  const rows = lines.slice(start, start + lines.slice(start).findIndex((line) => !line.startsWith('|')));
  return rows.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

const named = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!).toSorted();
const subjectsOf = (table: Readonly<Record<string, readonly ServiceName[]>>, service: ServiceName): string[] => Object.keys(table).filter((name) => table[name]!.includes(service));

describe('"If this service is taken" in ARCHITECTURE.md', () => {
  const rows = new Map(tableBelow('## If this service is taken').map(([service, ...cells]) => [service!, cells]));

  it('has a row for every service of the bus, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual([...SERVICES].toSorted());
  });

  it.each(SERVICES)('says of %s all that it may write and read on the bus', (service) => {
    const [writes, reads] = rows.get(service) ?? [];
    const beacon = BEACON_LISTENERS.includes(service) ? [] : ['beacon'];
    expect(named(writes!)).toEqual([...subjectsOf(WRITERS, service), ...beacon].toSorted());
    expect(named(reads!)).toEqual(subjectsOf(READERS, service).filter((stream) => stream !== 'CONTROL').toSorted());
  });

  it('says in the words above it what all have in common', () => {
    expect(READERS['CONTROL']).toEqual(SERVICES);
    expect(RPC_CALLERS['recorder.registerKey']).toEqual(SERVICES.filter((service) => service !== 'recorder'));
  });

  it.each(SERVICES)('says whether %s gets every event key', (service) => {
    const keys = service === 'recorder' || RPC_CALLERS['recorder.revealKeys'].some((caller) => caller === service);
    expect(/every event key/.test(rows.get(service)?.[2] ?? '')).toBe(keys);
  });

  it.each(SERVICES)('says whether %s gets the keys of exchanges', (service) => {
    const keys = RPC_CALLERS['recorder.revealDecisionKeys'].some((caller) => caller === service);
    expect(/the keys of exchanges/.test(rows.get(service)?.[2] ?? '')).toBe(keys);
  });

  it.each(SERVICES)('says what %s\'s holder could do, what shows it and how soon', (service) => {
    expect(rows.get(service)?.slice(2).filter((cell) => cell !== '')).toHaveLength(3);
  });
});

describe('"The bus" in ARCHITECTURE.md', () => {
  const everyone = 'every service';
  const people = (cell: string): string[] => (cell === everyone ? [...SERVICES] : cell.replaceAll(/\([^)]*\)/g, '').split(/[;,]/).map((name) => name.trim())).toSorted();

  it('says of every stream who writes and who reads it', () => {
    const writersOf = (stream: string): readonly ServiceName[] => (stream === 'LEDGER' ? SERVICES : Object.keys(WRITERS).filter((subject) => subject.startsWith(`${stream.toLowerCase()}.`)).flatMap((subject) => WRITERS[subject]!));
    expect(tableBelow('## The bus').map(([stream, , writers, readers]) => [named(stream!)[0], people(writers!), people(readers!)]).toSorted())
      .toEqual(Object.entries(READERS).map(([stream, readers]) => [stream, [...new Set(writersOf(stream))].toSorted(), [...readers].toSorted()]).toSorted());
  });
});
