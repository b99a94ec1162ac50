import { z } from 'zod';

/** An immediate stop, on subject `control.lock.<id>` of stream CONTROL. Obeyed by live sessions within a second. */
export const Lock = z.object({
  id: z.string(),
  scope: z.enum(['principal', 'party', 'target', 'session', 'connector', 'everything']),
  /** Name of the principal, human, target or session; `<service>/<instance>` of a connector; empty for everything. */
  subject: z.string(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
});
export type Lock = z.infer<typeof Lock>;

/** Signed by identity every 250 ms on subject `beacon`. Silence closes the gateway. */
export const Beacon = z.object({
  /** Milliseconds since the epoch by identity's clock. */
  at: z.number().int(),
  counter: z.number().int(),
  /** Last sequence of stream CONTROL: a connector that has not followed that far waits. */
  controlSequence: z.number().int(),
});
export type Beacon = z.infer<typeof Beacon>;

export const SignedBeacon = z.object({
  beacon: z.string(),
  /** Ed25519 of identity over `interlock-beacon/v1\n` + beacon, base64. */
  signature: z.string(),
});
export type SignedBeacon = z.infer<typeof SignedBeacon>;

/** Public keys of every service, laid down at installation. File `trust.json`. */
export const Trust = z.object({
  services: z.record(z.string(), z.object({
    /** Ed25519, raw 32 bytes, base64. Signs batches, bundles, beacons, checkpoints. */
    signingKey: z.string(),
    /** X25519, raw 32 bytes, base64. Others seal to it. */
    sealingKey: z.string(),
  })),
});
export type Trust = z.infer<typeof Trust>;

/**
 * Bytes only the receiver can read: ephemeral X25519, HKDF-SHA-256, AES-256-GCM; `purpose` is bound as associated
 * data, so a box made for one use cannot be opened for another.
 */
export const SealedBox = z.object({
  /** base64 of ephemeral public key (32) | nonce (12) | ciphertext | tag (16). */
  box: z.string(),
  purpose: z.string(),
});
export type SealedBox = z.infer<typeof SealedBox>;
