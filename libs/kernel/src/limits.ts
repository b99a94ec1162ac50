/** Ceilings that hold everywhere. A unit ends each name; a limit of one protocol lives beside that protocol. */
export const LIMITS = {
  /** How long a command waits for the ledger before it is refused. */
  ledgerAckMs: 5_000,
  /** Events in one ledger batch. */
  batchEvents: 512,
  /** Bytes of one ledger batch on the bus (its default maximum payload is 1 MiB). */
  batchBytes: 900 * 1024,
  /** Bytes of one event's metadata. */
  metadataBytes: 4 * 1024,
  /** Bytes of one event's payload; a longer command text is refused. */
  payloadBytes: 512 * 1024,
  /** Bytes of one acknowledged chunk of streamed input (COPY, file writes). */
  inputChunkBytes: 256 * 1024,
  /** Bytes of one recording chunk. */
  recordingChunkBytes: 256 * 1024,
  /** Recorded bytes a session may have unacknowledged before back-pressure. */
  unacknowledgedBytes: 1024 * 1024,
  /** Age an unacknowledged recorded byte may reach before back-pressure. */
  unacknowledgedMs: 250,
  /** Distance between two beacons. */
  beaconEveryMs: 250,
  /** Silence of the beacon after which commands wait. */
  beaconWaitMs: 1_000,
  /** Silence of the beacon after which commands are refused. */
  beaconRefuseMs: 5_000,
  /** Default answer time of a request between services. */
  rpcMs: 5_000,
} as const;
