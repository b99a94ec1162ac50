export { aggregateStoreSuite, type AggregateStoreFixture } from './suites/aggregate-store.js';
export { ledgerReaderSuite, ledgerSuite, type LedgerFixture } from './suites/ledger.js';
export { FakeClock } from './fake-clock.js';
export { FaultyRoad } from './faulty-road.js';
export { freePort, natsServerProgram } from './nats-process.js';
export { scenario, type Decided, type Given } from './scenario.js';
export { SoftAuthenticator, type Signing } from './soft-authenticator.js';
export { sharedBus, shareBus, startBus, type OwnTestBus, type TestBus } from './test-bus.js';
