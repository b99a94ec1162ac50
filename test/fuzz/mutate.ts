import type { Random } from './random.js';

type Mutation = (input: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

/** Values at which lengths and counts go wrong. */
const EDGES = [0, 1, 2, 3, 4, 5, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x00ff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

const flipBit: Mutation = (input, random) => {
  const changed = Buffer.from(input);
  const at = random.below(input.length);
  if (input.length > 0) changed[at] = changed[at]! ^ (1 << random.below(8));
  return changed;
};

const setByte: Mutation = (input, random) => {
  const changed = Buffer.from(input);
  if (input.length > 0) changed[random.below(input.length)] = random.pick([0, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2e, 0x40, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xff, random.below(256)]);
  return changed;
};

const setNumber: Mutation = (input, random) => {
  const size = random.pick([2, 4]);
  if (input.length < size) return input;
  const changed = Buffer.from(input);
  const at = random.below(input.length - size + 1);
  const near = size === 2 ? changed.readUInt16BE(at) : changed.readUInt32BE(at);
  const value = random.below(3) === 0 ? near + random.below(5) - 2 : random.pick(EDGES);
  if (size === 2) changed.writeUInt16BE(value & 0xffff, at);
  else changed.writeUInt32BE(value >>> 0, at);
  return changed;
};

const cutEnd: Mutation = (input, random) => input.subarray(0, random.below(input.length));

const remove: Mutation = (input, random) => {
  const [from, to] = slice(input, random);
  return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
};

const repeat: Mutation = (input, random) => {
  const [from, to] = slice(input, random);
  const times = 1 + random.below(random.below(8) === 0 ? 200 : 3);
  return Buffer.concat([input.subarray(0, to), ...Array.from({ length: times }, () => input.subarray(from, to)), input.subarray(to)]);
};

const insert: Mutation = (input, random) => {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), random.bytes(1 + random.below(8)), input.subarray(at)]);
};

const splice: Mutation = (input, random, corpus) => {
  const other = random.pick(corpus);
  return Buffer.concat([input.subarray(0, random.below(input.length + 1)), other.subarray(random.below(other.length + 1))]);
};

function slice(input: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(input.length);
  return [from, Math.min(input.length, from + 1 + random.below(16))];
}

const MUTATIONS: readonly Mutation[] = [flipBit, setByte, setByte, setNumber, setNumber, setNumber, cutEnd, remove, repeat, insert, splice];
const LONGEST_BYTES = 256 * 1024;

/** One to six changes to a member of the corpus. */
export function mutate(corpus: readonly Buffer[], random: Random): Buffer {
  let input = random.pick(corpus);
  for (let left = 1 + random.below(6); left > 0; left -= 1) input = random.pick(MUTATIONS)(input, random, corpus);
  return input.subarray(0, LONGEST_BYTES);
}
