import type { StoredBatch } from '@interlock/kernel';
import type { RpcResponse } from '@interlock/contracts';

type Piece = RpcResponse<'audit.batches'>['pieces'][number];

/** Bytes of one page. In base64, with what stands around them, they still fit a message of the bus. */
const PAGE_BYTES = 512 * 1024;

/** What follows a place in the ledger, up to a page; nothing at its end. A batch that does not fit is cut, and goes on on the next page. */
export async function piecesOf(ledger: { read(sequence: number): Promise<StoredBatch | undefined> }, after: number, offset: number): Promise<Piece[]> {
  const pieces: Piece[] = [];
  let left = PAGE_BYTES;
  for (let [sequence, from] = [after + 1, offset]; left > 0; [sequence, from] = [sequence + 1, 0]) {
    const batch = await ledger.read(sequence);
    if (!batch) break;
    const { epoch, subject = '', bytes } = batch;
    const taken = bytes.subarray(from, from + left);
    pieces.push({ epoch, sequence, subject, ofBytes: bytes.length, bytes: Buffer.from(taken).toString('base64') });
    left -= taken.length;
  }
  return pieces;
}
