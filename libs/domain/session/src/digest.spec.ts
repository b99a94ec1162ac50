import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Action, Ask, Principal } from '@interlock/contracts';
import { ActionDigester, actionDigest, grantDigest } from './digest.js';

const requester: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'https://issuer', subject: 'sub', roles: ['etl'], party: ['owner-etl'] };
const action: Action = {
  protocol: 'postgres', verb: 'delete', text: 'delete from orders where id = $1', parameters: [{ type: '23', format: 'text', value: '7' }],
  accesses: [{ verb: 'delete', duty: 'delete', object: { kind: 'table', path: ['shop', 'public', 'orders'] }, columnsRead: ['id'] }],
  facts: { hasWhere: true, statementCount: 1 }, context: { search_path: 'public', database: 'shop' },
};
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the digest of an action', () => {
  it('is that of its documented preimage', () => {
    const lines = [
      'interlock-action/v1',
      sha('{"issuer":"https://issuer","kind":"agent","name":"agent-etl","party":["owner-etl"],"roles":["etl"],"subject":"sub"}'),
      '"shop"',
      sha('delete from orders where id = $1'),
      sha('{"accesses":[{"columnsRead":["id"],"duty":"delete","object":{"kind":"table","path":["shop","public","orders"]},"verb":"delete"}],"facts":{"hasWhere":true,"statementCount":1},"protocol":"postgres","verb":"delete"}'),
      sha('{"database":"shop","search_path":"public"}'),
      sha('[{"format":"text","type":"23","value":"7"}]'),
    ];
    expect(actionDigest(requester, 'shop', action)).toBe(sha(lines.map((line) => `${line}\n`).join('')));
  });

  it.each<[string, Partial<Action>]>([
    ['text', { text: 'delete from orders where id = $1 ' }],
    ['parameter value', { parameters: [{ type: '23', format: 'text', value: '8' }] }],
    ['parameter type', { parameters: [{ type: '25', format: 'text', value: '7' }] }],
    ['NULL for an empty text', { parameters: [{ type: '23', format: 'text', value: null }] }],
    ['fact', { facts: { hasWhere: false, statementCount: 1 } }],
    ['access', { accesses: [] }],
    ['search path', { context: { search_path: 'evil', database: 'shop' } }],
    ['verb', { verb: 'select' }],
    ['reason', { stated: { reason: 'because' } }],
    ['ticket', { stated: { ticket: 'because' } }],
  ])('changes with its %s, remembered parts or not', (_, change) => {
    const digester = new ActionDigester(requester, 'shop');
    const first = digester.digest(action);
    expect(digester.digest(action)).toBe(first);
    const other = digester.digest({ ...action, ...change });
    expect(other).not.toBe(first);
    expect(other).toBe(actionDigest(requester, 'shop', { ...action, ...change }));
  });

  it('changes with the requester, whoever acts for it, and the target', () => {
    const digests = [
      actionDigest(requester, 'shop', action),
      actionDigest({ ...requester, subject: 'other' }, 'shop', action),
      actionDigest({ ...requester, actors: ['agent-x'] }, 'shop', action),
      actionDigest(requester, 'sandbox', action),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('the digest of a grant', () => {
  const ask: Ask = { quorum: [{ role: 'dba', count: 1 }], rules: ['delete-asks'], ruleHash: 'h', windowSeconds: 900 };
  const terms = { id: 'g', actionDigest: 'a', ask, requestedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:15:00.000Z' };

  it('changes with every term', () => {
    const digests = [
      terms, { ...terms, id: 'h' }, { ...terms, actionDigest: 'b' }, { ...terms, expiresAt: '2026-01-01T00:16:00.000Z' },
      { ...terms, state: 's' }, { ...terms, bound: { maxRows: 12 } }, { ...terms, bound: { maxRows: 13 } }, { ...terms, bound: { unbounded: 'why' } },
      { ...terms, preview: { kind: 'exact', rows: 12, takenAt: '2026-01-01T00:00:00.000Z' } as const }, { ...terms, preview: { kind: 'exact', rows: 13, takenAt: '2026-01-01T00:00:00.000Z' } as const },
      { ...terms, ask: { ...ask, maxRows: 12 } }, { ...terms, ask: { ...ask, ruleHash: 'i' } }, { ...terms, ask: { ...ask, quorum: [{ role: 'dba', count: 2 }] } },
    ].map(grantDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});
