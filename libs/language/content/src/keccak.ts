const LANES = 25;
const RATE_BYTES = 136;
const ROUNDS = 24;
const MASK = (1n << 64n) - 1n;

/** Offsets of rho along the walk of pi, and the constants of iota, both made as the specification makes them. */
const { walk, offsets, constants } = tables();

/**
 * Keccak-256 with the padding of the first submission, as Ethereum has it (SHA-3 pads otherwise, so `node:crypto` has no such hash). For
 * messages of one block: checks of addresses, which are few.
 */
export function keccak256(message: Uint8Array): Uint8Array {
  if (message.length >= RATE_BYTES) throw new RangeError('keccak256 is for one block');
  const block = new Uint8Array(LANES * 8);
  block.set(message);
  block[message.length]! ^= 0x01;
  block[RATE_BYTES - 1]! ^= 0x80;
  const view = new DataView(block.buffer);
  const state = Array.from({ length: LANES }, (_, lane) => view.getBigUint64(lane * 8, true));
  for (let round = 0; round < ROUNDS; round += 1) permute(state, constants[round]!);
  const hash = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane += 1) hash.setBigUint64(lane * 8, state[lane]!, true);
  return new Uint8Array(hash.buffer);
}

function permute(state: bigint[], constant: bigint): void {
  const columns = Array.from({ length: 5 }, (_, x) => state[x]! ^ state[x + 5]! ^ state[x + 10]! ^ state[x + 15]! ^ state[x + 20]!);
  for (let lane = 0; lane < LANES; lane += 1) state[lane]! ^= columns[(lane + 4) % 5]! ^ rotated(columns[(lane + 1) % 5]!, 1);
  let carried = state[1]!;
  for (const [step, lane] of walk.entries()) [carried, state[lane]] = [state[lane]!, rotated(carried, offsets[step]!)];
  for (let row = 0; row < LANES; row += 5) {
    const lanes = state.slice(row, row + 5);
    for (let x = 0; x < 5; x += 1) state[row + x] = lanes[x]! ^ (~lanes[(x + 1) % 5]! & MASK & lanes[(x + 2) % 5]!);
  }
  state[0]! ^= constant;
}

function rotated(lane: bigint, by: number): bigint {
  const shift = BigInt(by % 64);
  return ((lane << shift) | (lane >> (64n - shift))) & MASK;
}

function tables(): { walk: number[]; offsets: number[]; constants: bigint[] } {
  const steps = Array.from({ length: 24 }, (_, step) => step);
  let [x, y, bits] = [1, 0, 1];
  const path = steps.map(() => {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    return x + 5 * y;
  });
  const iota = steps.map(() => {
    let constant = 0n;
    for (let bit = 0; bit < 7; bit += 1) {
      if ((bits & 1) === 1) constant |= 1n << ((1n << BigInt(bit)) - 1n);
      bits = (bits << 1) ^ (bits >> 7 === 1 ? 0x171 : 0);
    }
    return constant;
  });
  return { walk: path, offsets: steps.map((step) => ((step + 1) * (step + 2)) / 2), constants: iota };
}
