import { describe, expect, it } from 'vitest';
import type { ImpactPreview } from '@interlock/contracts';
import { boundFor, effectOf, rowsInWords } from './effect-bound.js';

const takenAt = '2026-01-01T00:00:00.000Z';
const ESTIMATE: ImpactPreview = { kind: 'estimate', estimatedRows: 40, takenAt };
const counted = (rows: number): ImpactPreview => ({ kind: 'exact', rows, changes: [{ object: 'public.orders', inserted: 0, updated: rows, deleted: 0 }], takenAt });

describe('the bound that people agree to', () => {
  it.each([
    ['nobody asks for one', undefined, ESTIMATE, undefined],
    ['the rule says one', 12, ESTIMATE, { maxRows: 12 }],
    ['fewer were counted', 12, counted(7), { maxRows: 7 }],
    ['as many were counted', 12, counted(12), { maxRows: 12 }],
    ['rows were counted, and the rule says none', undefined, counted(7), { maxRows: 7 }],
    ['nothing would be changed', 12, counted(0), { maxRows: 0 }],
  ])('where %s', (_, maxRows, preview, bound) => {
    expect(boundFor({ rules: ['r'], ...(maxRows !== undefined && { maxRows }) }, preview, {})).toEqual({ ok: true, value: bound });
  });

  it('says why it cannot be held, and what it does not cover', () => {
    expect(boundFor({ rules: ['r'], maxRows: 12 }, ESTIMATE, { unbounded: 'why' })).toEqual({ ok: true, value: { unbounded: 'why' } });
    expect(boundFor({ rules: ['r'], maxRows: 12 }, ESTIMATE, { beside: ['a trigger'] })).toEqual({ ok: true, value: { maxRows: 12, beside: ['a trigger'] } });
    expect(boundFor({ rules: ['r'] }, ESTIMATE, { unbounded: 'why', beside: ['a trigger'] })).toEqual({ ok: true, value: undefined });
  });

  it('is refused before anyone is asked where more was counted than people may agree to', () => {
    expect(boundFor({ rules: ['r'], maxRows: 12 }, counted(13), {})).toMatchObject({ ok: false, refusal: { reason: 'effect_too_large', rule: 'r', detail: expect.stringContaining('13 rows (13 updated in public.orders)') as string } });
  });
});

describe('rows that the requester may not read', () => {
  it('are told by no refusal: people are asked, and agree to no more than they may', () => {
    expect(boundFor({ rules: ['r'], maxRows: 12 }, { ...counted(13), sampleWithheld: 'Its rows are not read.' }, {})).toEqual({ ok: true, value: { maxRows: 12 } });
  });
});

describe('what was done', () => {
  const done = [{ object: 'public.orders', inserted: 0, updated: 0, deleted: 12 }, { object: 'public.items', inserted: 1, updated: 0, deleted: 0 }];

  it('counts whatever changed, in every object', () => {
    expect(effectOf(done, 12)).toEqual({ rows: 13, maxRows: 12, changes: done, kept: false });
    expect(effectOf(done, 13)).toMatchObject({ rows: 13, kept: true });
    expect(effectOf([], 0)).toMatchObject({ rows: 0, kept: true });
  });

  it('is told in words', () => {
    expect(rowsInWords(13, done)).toBe('13 rows (12 deleted in public.orders, 1 inserted in public.items)');
    expect(rowsInWords(1)).toBe('1 row');
  });
});
