import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENTS, type EventType } from './index.js';

/** One stored event per type and version: what was once written must be read for ever, so a file here is added, never edited. */
const folder = new URL('./examples/', import.meta.url);
const stored = readdirSync(folder).map((file) => file.replace(/\.json$/, '')).sort();

const exampleOf = (type: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`${type}.json`, folder), 'utf8'));

describe('the stored examples', () => {
  it('are one of every type and version', () => expect(stored).toEqual(Object.keys(EVENTS).sort()));

  it.each(Object.keys(EVENTS) as EventType[])('of %s are read whole: no field is lost, and none is missing', (type) => {
    const example = exampleOf(type);
    expect(EVENTS[type].parse(example)).toEqual(example);
    expect(Object.keys(example).sort()).toEqual(Object.keys(EVENTS[type].shape).sort());
  });
});
