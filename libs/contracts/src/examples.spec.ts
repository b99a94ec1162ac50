import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENTS, type EventType } from './index.js';

/**
 * Stored events of every type and version: what was once written must be read for ever, so a file here is added, never edited. A
 * member that came later has a file of its own, `<type>.<member>.json`.
 */
const folder = new URL('./examples/', import.meta.url);
const stored = readdirSync(folder).map((file) => file.replace(/\.json$/, '')).sort();

const typeOf = (name: string): EventType => name.replace(/^(.*\.v\d+)\..*$/, '$1') as EventType;
const exampleOf = (name: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));

describe('the stored examples', () => {
  it('are of every type and version', () => expect([...new Set(stored.map(typeOf))].sort()).toEqual(Object.keys(EVENTS).sort()));

  it.each(stored)('%s is read whole: no field is lost', (name) => {
    const example = exampleOf(name);
    expect(EVENTS[typeOf(name)].parse(example)).toEqual(example);
  });

  it.each(Object.keys(EVENTS) as EventType[])('of %s have every member, one or the other', (type) => {
    const members = stored.filter((name) => typeOf(name) === type).flatMap((name) => Object.keys(exampleOf(name)));
    expect([...new Set(members)].sort()).toEqual(Object.keys(EVENTS[type].shape).sort());
  });
});
