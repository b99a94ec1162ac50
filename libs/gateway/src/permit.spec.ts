import { describe, expect, it } from 'vitest';
import { LedgerUnavailable, type EventDraft } from '@interlock/kernel';
import { MemoryLedger } from '@interlock/adapter-memory-log';
import { forwardGate, Permit, PERMIT_MS, type GateEntry } from './permit.js';

const event = (text: string): EventDraft => ({ type: 'command.decided.v1', data: { text } });
const entry = (outcome: GateEntry['outcome'], text = 'x'): GateEntry => ({ draft: event(text), principal: 'agent', target: 'shop', digest: `digest of ${text}`, outcome });

describe('a permit', () => {
  it('comes from an acknowledged decision that allows, and from no other', async () => {
    const ledger = new MemoryLedger();
    const passed = await forwardGate(ledger, () => 1_000, [event('before')], [entry('allow', 'a'), entry('deny', 'b'), entry('ask', 'c')]);
    expect(passed.map(({ permit }) => permit !== undefined)).toEqual([true, false, false]);
    expect(ledger.events.map(({ data }) => data)).toEqual([{ text: 'before' }, { text: 'a' }, { text: 'b' }, { text: 'c' }]);
    expect(passed[0]).toMatchObject({ event: 'memory-1-1', permit: { event: 'memory-1-1' } });
  });

  it('does not exist before the ledger has answered, nor when it refuses', async () => {
    const waiting: ((ids: readonly string[]) => void)[] = [];
    const slow = { append: () => new Promise<{ ids: readonly string[]; sequence: number }>((resolve) => waiting.push((ids) => resolve({ ids, sequence: 1 }))) };
    let passed: unknown;
    const passing = forwardGate(slow, () => 0, [], [entry('allow')]).then((value) => { passed = value; });
    await Promise.resolve();
    expect(passed).toBeUndefined();
    waiting[0]!(['id']);
    await passing;
    expect(passed).toMatchObject([{ event: 'id' }]);
    const ledger = new MemoryLedger();
    ledger.failWith('away');
    await expect(forwardGate(ledger, () => 0, [], [entry('allow')])).rejects.toBeInstanceOf(LedgerUnavailable);
  });

  it('does not exist for an event that the ledger did not name', async () => {
    const forgetful = { append: () => Promise.resolve({ ids: ['only-one'], sequence: 1 }) };
    await expect(forwardGate(forgetful, () => 0, [event('before')], [entry('allow')])).rejects.toThrow('fewer events');
  });

  it('covers its command at its target until it expires', async () => {
    const [passed] = await forwardGate(new MemoryLedger(), () => 1_000, [], [entry('allow')]);
    const permit = passed!.permit!;
    const covers = (target: string, digest: string, nowMs: number) => permit.covers(target, digest, nowMs);
    expect([covers('shop', 'digest of x', 1_000), covers('shop', 'digest of x', 999 + PERMIT_MS)]).toEqual([true, true]);
    expect([covers('shop', 'digest of x', 1_000 + PERMIT_MS), covers('sandbox', 'digest of x', 1_000), covers('shop', 'digest of y', 1_000)]).toEqual([false, false, false]);
  });

  it('cannot be made by anyone else', () => {
    const claims = { principal: 'agent', target: 'shop', digest: 'd', event: 'e', expiresAtMs: Number.MAX_SAFE_INTEGER };
    expect(() => new Permit(Symbol('mint'), claims)).toThrow('forwardGate only');
    const lookalike = Object.create(Permit.prototype) as Permit;
    expect(() => lookalike.covers('shop', 'd', 0)).toThrow(TypeError);
  });
});
