import { describe, expect, it } from 'vitest';
import { QueryFailedError } from 'typeorm';
import { isAway, isPermanent } from './database.js';

const failed = (code: string): QueryFailedError => new QueryFailedError('select 1', [], Object.assign(new Error('it failed'), { code }));

describe('a fault of the views database', () => {
  it.each([
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), true, false], [failed('57P03'), true, false], [failed('08006'), true, false], [new Error('Connection terminated unexpectedly'), true, false],
    [failed('42P01'), false, true], [failed('23505'), false, true], [failed('40P01'), false, false], [new TypeError('x is not a function'), false, false],
  ])('%s: away %s, permanent %s', (fault, away, permanent) => {
    expect([isAway(fault), isPermanent(fault)]).toEqual([away, permanent]);
  });
});
