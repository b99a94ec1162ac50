/** Ceilings on one proposed configuration. It travels whole, quoted in JSON, in messages of at most 1 MiB. */
export const CONFIGURATION_LIMITS = {
  /** UTF-8 bytes of all files together. */
  bytes: 256 * 1024,
  /** Bytes of the signed bundle as a message, its heads aside. */
  messageBytes: 800 * 1024,
  /** Files, `interlock.yaml` included. */
  files: 100,
  /** YAML aliases that may be followed. */
  aliases: 50,
  /** Problems told at once. */
  problems: 50,
} as const;
