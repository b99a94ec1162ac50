import {
  backendTypes, encodeBackend, encodeFrontend, FrameReader, frontendAuthenticationTypes, frontendTypes, HEADER_BYTES, typeSet, type MessageTypes,
} from '@interlock/protocol-postgres';
import { must, type FuzzEntry } from '../fuzz.js';
import { cut } from './feeding.js';
import { BACKEND_MESSAGES, FRONTEND_MESSAGES } from './postgres-messages.js';

const STREAM_ABOVE = 64;

interface Read {
  readonly bytes: Buffer;
  readonly outcome: string;
}

/** Everything that a reader hands out, joined, and how it ended. */
function read(types: MessageTypes, chunks: readonly Buffer[], pass: string): Read {
  const reader = new FrameReader(types, STREAM_ABOVE);
  const passing = typeSet(pass);
  const bytes: Buffer[] = [];
  const kinds = new Set<string>();
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let step = reader.next(passing); step !== 'more'; step = reader.next(passing)) {
      if (step === 'violation') return { bytes: Buffer.concat(bytes), outcome: reader.violation!.reason };
      must(reader.start >= 0 && reader.start <= reader.end && reader.end <= reader.buffer.length, 'positions lie in the buffer');
      must(step === 'piece' || reader.end - reader.start >= HEADER_BYTES, 'a message has a header');
      bytes.push(reader.buffer.subarray(reader.start, reader.end));
      kinds.add(step);
    }
  }
  return { bytes: Buffer.concat(bytes), outcome: reader.atBoundary ? `whole ${[...kinds].toSorted().join()}` : 'incomplete' };
}

function entry(name: string, types: () => MessageTypes, pass: string, seeds: readonly Buffer[]): FuzzEntry {
  return {
    name, seeds,
    run: (input, random) => {
      const whole = read(types(), [input], pass);
      const parts = read(types(), cut(input, random), pass);
      must(whole.bytes.equals(input.subarray(0, whole.bytes.length)), 'bytes come out in order and unchanged');
      must(whole.bytes.equals(parts.bytes), `the cut changes no byte: ${whole.bytes.length}, ${parts.bytes.length}`);
      must(whole.outcome.split(' ')[0] === parts.outcome.split(' ')[0], `the cut changes nothing: ${whole.outcome}, ${parts.outcome}`);
      if (whole.outcome.startsWith('whole')) must(whole.bytes.length === input.length, 'nothing is swallowed');
      return whole.outcome;
    },
  };
}

const withAll = (messages: readonly Buffer[]): Buffer[] => [Buffer.concat(messages), ...messages];

export const frames: readonly FuzzEntry[] = [
  entry('client frames', () => frontendTypes(), 'd', [...withAll(FRONTEND_MESSAGES.map(encodeFrontend))]),
  entry('client frames while authenticating', () => frontendAuthenticationTypes(), '', [Buffer.concat([encodeFrontend({ kind: 'password', password: 'x'.repeat(200) }), encodeFrontend({ kind: 'terminate' })])]),
  entry('server frames', () => backendTypes(), 'DdC', [...withAll(BACKEND_MESSAGES.map(encodeBackend))]),
];
