import { describe, expect, it } from 'vitest';
import { agent, configuration } from '../../spec/given.js';
import { analyse, STEPS_MAX } from './analyse.js';
import type { Foresight } from './foresight.js';

/** Rules whose evaluation has taken so many steps already. */
const foresight = (steps: number): Foresight => ({ rules: [], named: [], types: new Set(), reads: { principal: new Set(), place: new Set() }, steps, on: () => [], states: ({ fact }) => ({ atom: fact }) });
const behind = new Map(configuration().principals.map(({ name, owners }) => [name, owners.length > 0 ? owners : [name]]));

describe('an analysis', () => {
  it('finds nothing where there is nothing', () => expect(analyse(configuration(), behind, foresight(STEPS_MAX)).findings.map(({ kind }) => kind)).toEqual(['unlock-impossible']));

  it('that takes too long is a conflict, and no proof', () => {
    expect(analyse(configuration(), behind, foresight(STEPS_MAX + 1)).findings).toEqual([expect.objectContaining({ level: 'conflict', kind: 'undecided', detail: expect.stringContaining('cannot be decided in time') })]);
  });

  it('looks at principals that no rule tells apart as one, and at those whom rules name by themselves', () => {
    const many = configuration({ principals: [...configuration().principals, ...Array.from({ length: 500 }, (_, index) => agent(`a${index}`, ['dba'], 'etl'))] });
    expect(analyse(many, behind, foresight(0)).extent.casts).toBe(4);
    expect(analyse(many, behind, { ...foresight(0), named: [{ type: 'Agent', id: 'a7' }] }).extent.casts).toBe(5);
    expect(analyse(many, behind, { ...foresight(0), reads: { principal: new Set(['name']), place: new Set() } }).extent.casts).toBe(504);
  });
});
