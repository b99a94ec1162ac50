import { randomBytes } from 'node:crypto';
import { JetStreamAggregate, JetStreamLedger, JetStreamLedgerReader } from '@interlock/adapter-jetstream';
import { createEventSeal } from '@interlock/adapter-sealing';
import { aggregateStoreSuite, ledgerReaderSuite, ledgerSuite, sharedBus } from '@interlock/testkit';

/** The port suites of the testkit on a real bus, through the accounts and imports of an installation. */
async function ledgerFixture() {
  const bus = await sharedBus();
  const keys = await bus.keys('connector-postgres');
  const ledger = new JetStreamLedger(await bus.serviceBus('connector-postgres'), {
    service: 'connector-postgres', instance: `suite${randomBytes(4).toString('hex')}`, seal: createEventSeal('suite', randomBytes(32)),
    sign: (text) => keys.sign(text), nowMs: Date.now,
  });
  return {
    ledger,
    reader: new JetStreamLedgerReader(await bus.serviceBus('recorder')),
    async close() {
      await ledger.close();
      await bus.close();
    },
  };
}

interface Counted {
  readonly n: number;
}

const counted = {
  parse(value: unknown): Counted {
    const n = (value as Partial<Counted> | null)?.n;
    if (typeof n !== 'number') throw new TypeError('not a counted state');
    return { n };
  },
};

ledgerSuite('JetStreamLedger', ledgerFixture);
ledgerReaderSuite('JetStreamLedgerReader', ledgerFixture);
for (const stream of ['OBJECTS', 'ACTS', 'BUDGETS'] as const) aggregateStoreSuite(`JetStreamAggregate on ${stream}`, async () => {
  const bus = await sharedBus();
  return {
    store: new JetStreamAggregate(await bus.serviceBus('connector-postgres'), { stream, schema: counted }),
    value: (n: number) => ({ n }),
    freshKey: () => `name.${randomBytes(8).toString('hex')}`,
    close: () => bus.close(),
  };
});
aggregateStoreSuite('JetStreamAggregate', async () => {
  const bus = await sharedBus();
  return {
    store: new JetStreamAggregate(await bus.serviceBus('approval'), { stream: 'GRANTS', schema: counted }),
    value: (n: number) => ({ n }),
    freshKey: () => randomBytes(8).toString('hex'),
    close: () => bus.close(),
  };
});
