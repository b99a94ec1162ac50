import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../whole-number.js';

/** Where one chunk of what an agent saw lies in stream RECORDING. */
@Entity('recording_chunk')
export class RecordingRow {
  /** `<exchange>/<index>`. */
  @PrimaryColumn('text')
  chunk!: string;

  @Column('text')
  session!: string;

  @Column('text')
  exchange!: string;

  @Column('integer')
  index!: number;

  /** Offset in the exchange's recording, before encryption. */
  @Column('bigint', { name: 'first_byte', transformer: wholeNumber })
  firstByte!: number;

  @Column('integer')
  bytes!: number;

  /** SHA-256 of the chunk's ciphertext, hexadecimal. */
  @Column('text')
  hash!: string;

  /** Sequence of the message in stream RECORDING that holds it, and where it begins there. */
  @Column('bigint', { name: 'stream_sequence', nullable: true, transformer: wholeNumber })
  streamSequence!: number | null;

  @Column('integer', { name: 'message_offset' })
  messageOffset!: number;

  @Column('text', { name: 'key_id' })
  keyId!: string;

  @Column('bigint', { name: 'key_offset', nullable: true, transformer: wholeNumber })
  keyOffset!: number | null;

  @Column('text', { name: 'recorded_at' })
  recordedAt!: string;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('integer')
  position!: number;
}
