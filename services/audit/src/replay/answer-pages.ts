import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { RpcResponse } from '@interlock/contracts';
import type { Views } from '../views/views.js';
import { AnswerPlaces } from './answer-places.js';
import { firstMessageBytes, readPage } from './answer.js';
import { WORDS, type Recordings } from './recorded-bytes.js';

type Page = RpcResponse<'audit.answer'>;

/** Recorded bytes of one page. As JSON they are at most six times as many, which still fits a message of the bus. */
const PAGE_BYTES = 128 * 1024;

/** Shows the whole answer of one command, a page at a time. */
export class AnswerPages {
  constructor(private readonly views: Views, private readonly recordings: Recordings) {}

  /** The messages of the answer behind its first `after` bytes; `next` is null on the last page. A message longer than a page is counted and passed over. */
  async page(command: string, after: number): Promise<Outcome<Page>> {
    const row = await this.views.repository('commands').findOneBy({ command });
    if (!row) return refused('not_found', `No command ${command} is in the views.`, { hint: 'The views follow the ledger by a moment; check the id, or ask again.' });
    const place = await new AnswerPlaces(this.views, this.recordings).of(row);
    if (!place || row.exchange === null || after >= place.bytes) return accepted({ answer: {}, ofBytes: place?.bytes ?? 0, next: null });
    const { exchange } = row;
    const read = (from: number) => this.recordings.read(exchange, place.firstByte + from, place.firstByte + Math.min(place.bytes, from + PAGE_BYTES));
    const [head, here] = await Promise.all([read(0), read(after)]);
    const unreadable = [head, here].find((one) => !one.ok);
    if (unreadable?.ok === false) return accepted({ answer: { unreadable: WORDS[unreadable.why] }, ofBytes: place.bytes, next: null });
    const { answer, bytes } = readPage(bytesOf(here), bytesOf(head));
    const taken = bytes > 0 ? bytes : firstMessageBytes(bytesOf(here));
    const next = after + taken;
    return accepted({ answer: bytes > 0 ? { ...answer } : { omittedBytes: taken }, ofBytes: place.bytes, next: taken > 0 && next < place.bytes ? next : null });
  }
}

function bytesOf(read: Awaited<ReturnType<Recordings['read']>>): Buffer {
  return read.ok ? read.bytes : Buffer.alloc(0);
}
