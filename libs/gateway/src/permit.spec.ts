import { describe, expect, it } from 'vitest';
import { LedgerUnavailable, LIMITS, type EventDraft } from '@interlock/kernel';
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

  it('exists for none of many commands before all of them are acknowledged, in order, in as many appends as hold them', async () => {
    const ledger = new MemoryLedger();
    const texts = Array.from({ length: 1_200 }, (_, n) => (n % 300 === 7 ? `${n} ${'"'.repeat(200_000)}` : String(n)));
    const passed = await forwardGate(ledger, () => 1_000, [event('before')], texts.map((text) => entry('allow', text)));
    expect(ledger.events.map(({ data }) => (data as { text: string }).text)).toEqual(['before', ...texts]);
    expect(passed.map(({ permit }, index) => permit?.covers('shop', `digest of ${texts[index]}`, 1_000))).toEqual(texts.map(() => true));
    let now = 0;
    const slow = { append: (drafts: readonly EventDraft[]) => { now += 3_000; return ledger.append(drafts); } };
    await expect(forwardGate(slow, () => now, [], texts.map((text) => entry('allow', text)))).rejects.toBeInstanceOf(LedgerUnavailable);
  });

  it('leaves nothing in the ledger when one of many is too large', async () => {
    const ledger = new MemoryLedger();
    const entries = [...Array.from({ length: 600 }, () => entry('allow')), entry('allow', 'x'.repeat(LIMITS.payloadBytes))];
    await expect(forwardGate(ledger, () => 0, [], entries)).rejects.toBeInstanceOf(RangeError);
    expect(ledger.events).toEqual([]);
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
