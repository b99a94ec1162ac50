import { leafHash, nodeHash, rootFromPath, type Outcome, accepted, refused } from '@interlock/kernel';

/** Whether `entry` is leaf `index` of the tree of `size` leaves under `root` (RFC 9162, section 2.1.3.2). */
export function verifyInclusion(entry: Uint8Array, index: number, size: number, path: readonly Uint8Array[], root: Uint8Array): boolean {
  return rootFromPath(leafHash(entry), index, size, path)?.equals(root) ?? false;
}

/**
 * Whether the tree of `to` leaves under `toRoot` extends the tree of `from` leaves under `fromRoot` without changing a
 * leaf (RFC 9162, section 2.1.4.2). From the empty tree every tree is an extension, with an empty path.
 */
export function verifyConsistency(from: number, fromRoot: Uint8Array, to: number, toRoot: Uint8Array, path: readonly Uint8Array[]): boolean {
  if (from < 0 || from > to) return false;
  if (from === to) return path.length === 0 && Buffer.from(fromRoot).equals(toRoot);
  if (from === 0) return path.length === 0;
  const steps = isPowerOfTwo(from) ? [fromRoot, ...path] : path;
  const roots = climb(from - 1, to - 1, steps);
  return roots !== undefined && roots.from.equals(fromRoot) && roots.to.equals(toRoot);
}

function climb(oldLast: number, newLast: number, steps: readonly Uint8Array[]): { from: Buffer; to: Buffer } | undefined {
  let [position, last] = [oldLast, newLast];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  const [first, ...rest] = steps;
  if (!first) return undefined;
  let from: Buffer = Buffer.from(first);
  let to: Buffer = from;
  for (const sibling of rest) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      from = nodeHash(sibling, from);
      to = nodeHash(sibling, to);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      to = nodeHash(to, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 ? { from, to } : undefined;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  return 2 ** Math.round(Math.log2(value)) === value;
}

const PROOF_HEADER = 'c2sp.org/tlog-proof@v1';

/** One entry's place in a checkpointed tree. */
export interface InclusionProof {
  readonly index: number;
  readonly path: readonly Buffer[];
  /** The signed checkpoint. */
  readonly checkpoint: string;
}

/** The proof as a text that stands alone (C2SP tlog-proof). */
export function formatProof(proof: InclusionProof): string {
  const hashes = proof.path.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `${PROOF_HEADER}\nindex ${proof.index}\n${hashes}\n${proof.checkpoint}`;
}

/** Reads {@link formatProof}. It checks the form only: see {@link verifyInclusion} and `openCheckpoint`. */
export function parseProof(text: string): Outcome<InclusionProof> {
  const malformed = refused('proof_malformed', 'The text is not a C2SP tlog-proof.');
  const split = text.indexOf('\n\n');
  if (split < 0) return malformed;
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const [indexLine, ...hashes] = lines;
  const index = /^index (0|[1-9]\d{0,15})$/.exec(indexLine ?? '')?.[1];
  const path = hashes.map((line) => Buffer.from(line, 'base64'));
  if (header !== PROOF_HEADER || index === undefined || path.some((hash) => hash.length !== 32)) return malformed;
  return accepted({ index: Number(index), path, checkpoint: text.slice(split + 2) });
}
