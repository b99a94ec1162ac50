import { aggregateStoreSuite, ledgerReaderSuite, ledgerSuite } from '@interlock/testkit';
import { describe, expect, it } from 'vitest';
import { LedgerUnavailable } from '@interlock/kernel';
import { MemoryAggregate } from './aggregate.js';
import { MemoryLedger } from './ledger.js';

function fixture() {
  const ledger = new MemoryLedger();
  return Promise.resolve({ ledger, reader: ledger, close: () => Promise.resolve() });
}

let keys = 0;
ledgerSuite('MemoryLedger', fixture);
ledgerReaderSuite('MemoryLedger', fixture);
aggregateStoreSuite('MemoryAggregate', () => Promise.resolve({
  store: new MemoryAggregate<{ n: number }>(), value: (n: number) => ({ n }), freshKey: () => `key-${(keys += 1)}`, close: () => Promise.resolve(),
}));

describe('MemoryLedger', () => {
  it('keeps what was appended in clear, for a test to look at', async () => {
    const ledger = new MemoryLedger();
    await ledger.append([{ type: 'a.v1', session: 's', data: { n: 1 } }]);
    expect(ledger.events).toEqual([{ type: 'a.v1', session: 's', data: { n: 1 } }]);
  });

  it('fails when told to, and then stores nothing', async () => {
    const ledger = new MemoryLedger();
    ledger.failWith('the bus is away');
    await expect(ledger.append([{ type: 'a.v1', data: {} }])).rejects.toThrow(LedgerUnavailable);
    ledger.failWith(undefined);
    expect(ledger.events).toEqual([]);
    expect(await ledger.lastSequence()).toBe(0);
  });
});
