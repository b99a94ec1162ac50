import { describe, expect, it } from 'vitest';
import { canonicalJson, LIMITS, sha256Hex, type Json } from '@interlock/kernel';
import type { Bind } from '@interlock/protocol-postgres';
import { parametersOf } from './bind-values.js';
import { POSTGRES_LIMITS } from './limits.js';

const statement = { name: '', text: 'select', parameterTypes: [23], described: undefined };
const bind = (values: readonly (string | null)[]): Bind => ({ kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: values.map((value) => (value === null ? null : Buffer.from(value))), resultFormats: [] });
const read = (values: readonly (string | null)[]) => parametersOf(bind(values), statement);

describe('bind values in an event', () => {
  it('are there themselves, with their types, while they are short', () => {
    expect(read(['7', null, 'è'])).toEqual([{ type: '23', format: 'text', value: '7' }, { type: '0', format: 'text', value: null }, { type: '0', format: 'text', value: 'è' }]);
  });

  it('are there by their hash when one is long', () => {
    const long = 'x'.repeat(POSTGRES_LIMITS.parameterBytes + 1);
    expect(read(['1', long, '3'])).toEqual([{ type: '23', format: 'text', value: '1' }, { type: '0', format: 'text', value: '', omitted: { bytes: long.length, sha256: sha256Hex(long) } }, { type: '0', format: 'text', value: '3' }]);
  });

  it.each([['many', Array.from({ length: 20_000 }, (_, n) => String(n))], ['as many as there can be, and none', Array.from({ length: 65_535 }, () => null)], ['hard to write down', Array.from({ length: 40 }, () => '\u0001'.repeat(16_000))]])('fit their event when they are %s', (_, values) => {
    const parameters = read(values);
    const rest = parameters.at(-1)!;
    expect(Buffer.byteLength(JSON.stringify(parameters))).toBeLessThan(LIMITS.payloadBytes / 2);
    if (rest.omitted?.values === undefined) return expect(parameters).toHaveLength(values.length);
    const omitted = values.slice(parameters.length - 1);
    const whole = omitted.map((value) => ({ type: '0', format: 'text', value }));
    expect(rest.omitted).toEqual({ bytes: omitted.reduce((sum, value) => sum + (value?.length ?? 0), 0), sha256: sha256Hex(canonicalJson(whole as Json)), values: omitted.length });
  });

  it('differ when the last of very many differs', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => String(n));
    expect(read([...many, 'a']).at(-1)).not.toEqual(read([...many, 'b']).at(-1));
  });
});
