/**
 * The ways in which a stream may arrive: whole, byte by byte, and cut in two at every position. Long streams are cut at
 * a sample of positions around the edges, so that a case of a megabyte does not become a terabyte.
 */
export function* feedings(bytes: Buffer, cutsAtMost = 400): Generator<{ readonly name: string; readonly chunks: readonly Buffer[] }> {
  yield { name: 'whole', chunks: [bytes] };
  if (bytes.length <= 20_000) yield { name: 'byte by byte', chunks: Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)) };
  const step = Math.max(1, Math.ceil(bytes.length / cutsAtMost));
  for (let at = 1; at < bytes.length; at += step) {
    yield { name: `cut at ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] };
  }
}

/** Cuts a stream behind each of the given lengths, in turn, for property tests. */
export function sliced(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    if (at >= bytes.length) break;
    chunks.push(bytes.subarray(at, at + Math.max(1, length)));
    at += Math.max(1, length);
  }
  if (at < bytes.length) chunks.push(bytes.subarray(at));
  return chunks;
}

/** A typed message around the given payload. */
export function frame(letter: string, payload: Buffer | string = '', declared?: number): Buffer {
  const body = Buffer.from(payload as string, 'latin1');
  const header = Buffer.alloc(5);
  header[0] = letter.charCodeAt(0);
  header.writeUInt32BE(declared ?? body.length + 4, 1);
  return Buffer.concat([header, body]);
}
