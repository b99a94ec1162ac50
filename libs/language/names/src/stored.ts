import { Buffer } from 'node:buffer';
import type { Gazetteers } from './gazetteers.js';
import { LABEL_COUNT, SEPARATOR_COUNT } from './labels.js';
import { PackedRows } from './packed-rows.js';
import type { Weights } from './tagger.js';

/** Weights and lists as they lie in the package: base64 of bytes. Both ways are here, so that they cannot drift apart. */
export interface StoredModel {
  readonly rows: number;
  readonly emissions: string;
  readonly transitions: string;
  readonly scale: number;
  readonly words: readonly { readonly bit: number; readonly filter: string }[];
  readonly phrases: string;
  readonly phraseHeads: string;
}

export interface Model {
  readonly weights: Weights;
  readonly gazetteers: Gazetteers;
}

export function restored(stored: StoredModel): Model {
  const transitions = bytesOf(stored.transitions);
  return {
    weights: {
      emissions: restoredRows(stored.rows, bytesOf(stored.emissions)),
      transitions: Int16Array.from({ length: SEPARATOR_COUNT * LABEL_COUNT * LABEL_COUNT }, (_, index) => transitions.readInt16LE(index * 2)),
      scale: stored.scale,
    },
    gazetteers: {
      words: stored.words.map(({ bit, filter }) => ({ bit, bytes: bytesOf(filter) })),
      phrases: bytesOf(stored.phrases),
      phraseHeads: bytesOf(stored.phraseHeads),
    },
  };
}

export function storable({ weights, gazetteers }: Model): StoredModel {
  const transitions = Buffer.alloc(weights.transitions.length * 2);
  weights.transitions.forEach((points: number, index: number) => transitions.writeInt16LE(points, index * 2));
  const { rows, bytes: emissions } = storableRows(weights.emissions);
  return {
    rows,
    emissions: emissions.toString('base64'),
    transitions: transitions.toString('base64'),
    scale: weights.scale,
    words: gazetteers.words.map(({ bit, bytes }) => ({ bit, filter: Buffer.from(bytes).toString('base64') })),
    phrases: Buffer.from(gazetteers.phrases).toString('base64'),
    phraseHeads: Buffer.from(gazetteers.phraseHeads).toString('base64'),
  };
}

/** A row: how far it is from the one before it (seven bits a byte, the eighth says that more follow), which labels have points, and those. */
function storableRows(emissions: PackedRows): { readonly rows: number; readonly bytes: Buffer } {
  const bytes: number[] = [];
  let last = -1;
  let rows = 0;
  for (const { row, points } of emissions.entries()) {
    let distance = row - last;
    for (; distance > 127; distance >>>= 7) bytes.push((distance & 127) | 128);
    let mask = 0;
    points.forEach((point, label) => { if (point !== 0) mask |= 1 << label; });
    bytes.push(distance, mask & 255, mask >>> 8, ...points.filter((point) => point !== 0).map((point) => point & 255));
    last = row;
    rows += 1;
  }
  return { rows, bytes: Buffer.from(bytes) };
}

function restoredRows(rows: number, bytes: Buffer): PackedRows {
  const emissions = new PackedRows(rows, bytes.length);
  const points = new Int8Array(LABEL_COUNT);
  let row = -1;
  for (let at = 0; at < bytes.length;) {
    let distance = 0;
    let byte = 128;
    for (let shift = 0; byte & 128; shift += 7) {
      byte = bytes[at++]!;
      distance |= (byte & 127) << shift;
    }
    row += distance;
    const mask = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    for (let label = 0; label < LABEL_COUNT; label += 1) points[label] = mask & (1 << label) ? bytes.readInt8(at++) : 0;
    emissions.add(row, points);
  }
  return emissions;
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
