import type { Repository } from 'typeorm';
import type { RecordingRow } from './row.js';

/** The chunks that hold bytes `first` up to `end` of an exchange's recording, in order. */
export function chunksOver(repository: Repository<RecordingRow>, exchange: string, first: number, end: number): Promise<RecordingRow[]> {
  return repository.createQueryBuilder('r').where('r.exchange = :exchange AND r.firstByte < :end AND r.firstByte + r.bytes > :first', { exchange, first, end })
    .orderBy('r.firstByte').getMany();
}
