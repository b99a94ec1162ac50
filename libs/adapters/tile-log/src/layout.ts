/** Hashes in a full tile and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** One file of the log: a tile of hashes at a level, or a bundle of entries; narrower than {@link TILE_WIDTH} when partial. */
export interface TileRef {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** The path of the log's signed checkpoint. */
export const CHECKPOINT_PATH = 'checkpoint';

const HIGHEST_LEVEL = 63;

/** Where a tile lies, relative to the log's prefix, e.g. `tile/0/x001/x234/067` or `tile/entries/000.p/5`. */
export function tilePath(ref: TileRef): string {
  const digits = String(ref.index).padStart(3, '0');
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${ref.level}/${place}${ref.width < TILE_WIDTH ? `.p/${ref.width}` : ''}`;
}

const TILE_PATTERN = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads a path of {@link tilePath}; undefined for any other text, so a path never leaves the log's folder. */
export function parseTilePath(path: string): TileRef | undefined {
  const match = TILE_PATTERN.exec(path);
  if (!match) return undefined;
  const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const ref = { level, index: Number(match[2]!.replaceAll(/[x/]/g, '')), width: match[3] ? Number(match[3]) : TILE_WIDTH } as const;
  if (ref.level !== 'entries' && ref.level > HIGHEST_LEVEL) return undefined;
  return tilePath(ref) === path ? ref : undefined;
}

/** How many hashes level `level` holds in a tree of `size` leaves: one for each full tile below it. */
export function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Width of tile `index` at a level of `count` hashes; 0 when it does not exist. */
export function widthOf(index: number, count: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, count - index * TILE_WIDTH));
}

/** Every partial tile and bundle of a log of `size` leaves. */
export function partialTiles(size: number): TileRef[] {
  const refs: TileRef[] = [];
  for (let level = 0; hashesAtLevel(level, size) > 0; level += 1) {
    const count = hashesAtLevel(level, size);
    const ref = { level, index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH };
    if (ref.width > 0) refs.push(...(level === 0 ? [ref, { ...ref, level: 'entries' as const }] : [ref]));
  }
  return refs;
}
