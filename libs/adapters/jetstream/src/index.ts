export { JetStreamAggregate, type AggregateStream, type JetStreamAggregateOptions, type Schema } from './aggregate.js';
export { PENDING_LIMITS } from './append-queue.js';
export {
  BEACON_SKEW_MS, BeaconPublisher, BeaconSubscriber, type BeaconPublisherOptions, type BeaconSubscriberOptions, type HeardBeacon,
} from './beacon.js';
export { BusUnavailable, BusUnreachable, connectBus, type Bus, type BusOptions } from './bus.js';
export { BundleHistory, type PublishedBundle } from './bundle-history.js';
export { ControlFollower } from './control-follower.js';
export { type ControlReaderOptions, type ControlState, type VerifySignature } from './control-reader.js';
export { type Lifted, type Revoked } from './control-messages.js';
export { ControlWriter } from './control-writer.js';
export { StreamDamaged } from './follow-stream.js';
export { JetStreamLedger, type LedgerOptions } from './ledger.js';
export { FIRST_EPOCH, JetStreamLedgerReader } from './ledger-reader.js';
export { RecordingReader, RecordingUnavailable, RecordingWriter } from './recording.js';
export { NatsRpcClient, type RpcClientOptions } from './rpc-client.js';
export { BusNotSynced, checkSyncAlways, type SyncReport } from './sync-always.js';
