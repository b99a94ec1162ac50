/** Ceilings of this connector. A unit ends each name. */
export const POSTGRES_LIMITS = {
  /** Clients that were let in, at a time, unless configured otherwise. */
  connections: 500,
  /** Connections that have not proved who they are; one more, and the oldest of them is closed. */
  strangers: 250,
  /**
   * Refused strangers (logins and breaches of the protocol before one) that are recorded singly, a minute: of one address, and of all. What is
   * beyond is counted and told by one event a minute, with up to so many addresses told apart.
   */
  refusalsOfAddress: 60,
  refusals: 240,
  refusalAddresses: 10_000,
  /** From accepting a connection to the end of its authentication. */
  startupMs: 10_000,
  /** Reaching and entering the target. */
  dialMs: 5_000,
  /** One message of a client. */
  clientMessageBytes: 16 * 1024 * 1024,
  /** Bytes of a client that wait while a segment is being answered, before its socket is paused. */
  heldBytes: 256 * 1024,
  /** Messages and bytes of a pipeline that are decided together; a longer one is cut. */
  segmentMessages: 256,
  segmentBytes: 256 * 1024,
  /** Commands of a pipeline that are decided together; a longer one is cut. */
  segmentCommands: 64,
  /** Statements of one simple query: it runs whole or not at all, so it cannot be cut. */
  queryCommands: 10_000,
  /** Time that understanding one segment may take before it counts, and before the rest of the segment waits for another turn. */
  segmentFreeMs: 5,
  segmentTurnMs: 50,
  /** Counted time that a principal may be ahead with, over all of its sessions, and the part of the thread that it gets beyond. */
  understandingMs: 250,
  understandingShare: 0.25,
  /** One row that has to be held whole to be masked. */
  maskedRowBytes: 32 * 1024 * 1024,
  /** Bytes to a slow client before the target is no longer read. */
  clientBacklogBytes: 256 * 1024,
  /** What a target says after rows that it wrote and before they are paid for. */
  keptBytes: 1024 * 1024,
  /** Bind values in their event: each up to the first, their JSON together up to the second; by their hash beyond. */
  parameterBytes: 16 * 1024,
  parametersBytes: 192 * 1024,
  /** Prepared statements, portals and cursors that one session may hold. */
  names: 10_000,
  /** Distance between two looks at a target's catalog while sessions are open. */
  catalogEveryMs: 30_000,
  /** Bytes of one answer to a probe. */
  probeBytes: 64 * 1024 * 1024,
  /** How long one probe may take at its target. */
  probeMs: 15_000,
  /** Distance between two notices to a client whose command waits for people. */
  waitingNoticeMs: 45_000,
  /** What a preview may take: each of its queries, waiting for a lock, rows that it may be tried on by the target's estimate, and bytes of what it gives back. */
  previewMs: 5_000,
  previewLockMs: 1_000,
  previewRows: 10_000,
  previewBytes: 16 * 1024 * 1024,
  /** A sample of what would change: rows, columns, and characters of each value. */
  sampleRows: 5,
  sampleColumns: 32,
  sampleCharacters: 120,
  /** Bytes of an answer that waits until what it tells of is committed. */
  boundedAnswerBytes: 16 * 1024 * 1024,
  /** How long a graceful end waits for the client to take its last message. */
  lingerMs: 2_000,
} as const;
