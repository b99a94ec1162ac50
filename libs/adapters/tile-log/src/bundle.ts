/** Bytes of one log entry: its length is written in 16 bits (C2SP tlog-tiles). */
export const ENTRY_BYTES_MAX = 65_535;

/** An entry bundle: every entry after its length as a big-endian 16-bit number. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw new RangeError(`a log entry of ${entry.length} bytes is longer than ${ENTRY_BYTES_MAX}`);
    const length = Buffer.allocUnsafe(2);
    length.writeUInt16BE(entry.length, 0);
    parts.push(length, entry);
  }
  return Buffer.concat(parts);
}

/** The entries of a bundle; undefined when the bytes are cut short. */
export function decodeBundle(bytes: Buffer): Buffer[] | undefined {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return undefined;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
