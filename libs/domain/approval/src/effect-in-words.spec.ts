import { describe, expect, it } from 'vitest';
import type { EffectBound, Principal } from '@interlock/contracts';
import { effectInWords, shownOf } from './index.js';

const requester: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'i', subject: 's', roles: [], party: [] };

describe('what people agree to of an effect, in words', () => {
  it.each<[string, EffectBound | undefined, string[]]>([
    ['nothing, where nothing bounds it', undefined, []],
    ['rows, and what they do not cover', { maxRows: 1, beside: ['A trigger comes with it.'] }, ['If it would change more than 1 row, it is rolled back.', 'A trigger comes with it.']],
    ['that it is not bounded, and why', { unbounded: 'VACUUM runs in no transaction.' }, ['Its effect is not bounded: VACUUM runs in no transaction.']],
    ['whose commit stays whose', { maxRows: 12, openTransaction: true }, ['If it would change more than 12 rows, it is rolled back.', 'It runs inside a transaction of agent-etl, and whether that is committed stays theirs.']],
  ])('%s', (_what, bound, sentences) => expect(effectInWords({ requester, ...(bound && { bound }) })).toEqual(sentences));

  it('is shown with a request, and nothing in it is hidden', () => {
    const action = { protocol: 'postgres', verb: 'delete', text: 't', parameters: [], accesses: [], facts: {}, context: {} };
    expect(shownOf({ requester, action, reasons: [], bound: { unbounded: 'a\u202eb' } }).effect).toEqual(['Its effect is not bounded: a\\u{202e}b']);
    expect(shownOf({ requester, action, reasons: [] })).not.toHaveProperty('effect');
  });
});
