import { sha256 } from '@interlock/kernel';

const FIRST_SLOTS = 1024;
/** Of the slots, so many are taken at most: searches stay short. */
const FULL = 0.7;

/** Whether the line that begins at `offset` is the one looked for. */
export type IsSame = (offset: number) => boolean;

/**
 * Where the line of each id begins: a hash table of 12 bytes a slot, whatever the length of the ids. It holds 32 bits of an
 * id's hash; of lines that agree in them, the file tells which it is.
 */
export class LineIndex {
  #hashes = new Uint32Array(FIRST_SLOTS);
  /** Offset plus one; 0 in a free slot. */
  #places = new Float64Array(FIRST_SLOTS);
  #count = 0;

  find(id: string, isSame: IsSame): number | undefined {
    const place = this.#places[this.#slotOf(hashOf(id), isSame)]!;
    return place === 0 ? undefined : place - 1;
  }

  /** The id's line begins at `offset` from now on. */
  set(id: string, offset: number, isSame: IsSame): void {
    if (this.#count >= FULL * this.#places.length) this.#grow();
    const hash = hashOf(id);
    const slot = this.#slotOf(hash, isSame);
    if (this.#places[slot] === 0) this.#count += 1;
    this.#hashes[slot] = hash;
    this.#places[slot] = offset + 1;
  }

  /** The slot of the line, or the free one where it belongs. */
  #slotOf(hash: number, isSame: IsSame): number {
    const mask = this.#places.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = this.#places[slot]!;
      if (place === 0 || (this.#hashes[slot] === hash && isSame(place - 1))) return slot;
    }
  }

  #grow(): void {
    const [hashes, places] = [this.#hashes, this.#places];
    this.#hashes = new Uint32Array(2 * hashes.length);
    this.#places = new Float64Array(2 * places.length);
    for (let at = 0; at < places.length; at += 1) {
      if (places[at] === 0) continue;
      const slot = this.#slotOf(hashes[at]!, () => false);
      this.#hashes[slot] = hashes[at]!;
      this.#places[slot] = places[at]!;
    }
  }
}

function hashOf(id: string): number {
  return sha256(id).readUInt32BE(0);
}
