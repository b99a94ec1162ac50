import { hashesAtLevel, tilePath, verifierKeyText, widthOf } from '@interlock/adapter-tile-log';

/** Leaves under a checkpoint, by its second line (C2SP tlog-checkpoint); 0 where it says none. Nothing is verified by that. */
export function sizeOf(checkpoint: string): number {
  const size = Number(checkpoint.split('\n')[1]);
  return Number.isSafeInteger(size) && size > 0 ? size : 0;
}

/** Every file that a log of `size` leaves consists of, but for its checkpoint: tiles of all levels and bundles of entries. */
export function* everyTilePath(size: number): Iterable<string> {
  for (let level = 0; hashesAtLevel(level, size) > 0; level += 1) {
    const count = hashesAtLevel(level, size);
    for (let index = 0; widthOf(index, count) > 0; index += 1) {
      const width = widthOf(index, count);
      yield tilePath({ level, index, width });
      if (level === 0) yield tilePath({ level: 'entries', index, width });
    }
  }
}

/** The key that signs a log, as verifiers of signed notes are given it: name, hash and key in one line (C2SP signed-note). */
export function verifierKeyOf(checkpoint: string, publicKey: Buffer): string {
  return verifierKeyText({ name: checkpoint.split('\n', 1)[0] ?? '', publicKey });
}
