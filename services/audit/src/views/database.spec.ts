import { describe, expect, it } from 'vitest';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { answered, DatabaseAway, isAway, isPermanent } from './database.js';

const failed = (code: string): QueryFailedError => new QueryFailedError('select 1', [], Object.assign(new Error('it failed'), { code }));

describe('a fault of the views database', () => {
  it.each([
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), true, false], [failed('57P03'), true, false], [failed('08006'), true, false], [new Error('Connection terminated unexpectedly'), true, false],
    [failed('53300'), true, false], [failed('53100'), true, false], [Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }), true, false],
    [new QueryRunnerAlreadyReleasedError(), true, false], [new Error('Client has encountered a connection error and is not queryable'), true, false], [new DatabaseAway('late'), true, false],
    [failed('42P01'), false, true], [failed('23505'), false, true], [failed('40P01'), false, false], [new TypeError('x is not a function'), false, false],
  ])('%s: away %s, permanent %s', (fault, away, permanent) => {
    expect([isAway(fault), isPermanent(fault)]).toEqual([away, permanent]);
  });
});

it('a database that does not answer is not waited for without end', async () => {
  await expect(answered(new Promise(() => undefined), 20)).rejects.toThrow(DatabaseAway);
  expect(await answered(Promise.resolve(7), 20)).toBe(7);
  await expect(answered(Promise.reject(new RangeError('own')), 20)).rejects.toThrow(RangeError);
});
