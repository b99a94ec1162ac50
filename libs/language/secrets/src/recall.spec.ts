import { describe, expect, it } from 'vitest';
import { examplesOf } from '../spec/examples.js';
import { FORMATS } from '../spec/formats.js';
import { LOOK_ALIKES } from '../spec/look-alikes.js';
import { belowFrom } from '../spec/sample.js';
import { findSecrets } from './find.js';
import { SECRET_KINDS } from './kinds.js';

const ROUNDS = 3;
const LOOK_ALIKE_ROUNDS = 20;

/** Of each sort how many were tried and how many found. */
class Table {
  readonly #rows = new Map<string, { tried: number; found: number; named: number }>();

  add(row: string, found: boolean, named = false): void {
    const now = this.#rows.get(row) ?? { tried: 0, found: 0, named: 0 };
    this.#rows.set(row, { tried: now.tried + 1, found: now.found + Number(found), named: now.named + Number(named) });
  }

  get rows() {
    return [...this.#rows].map(([row, counts]) => ({ row, ...counts, share: counts.found / counts.tried }));
  }

  get share(): number {
    const { rows } = this;
    return rows.reduce((sum, { found }) => sum + found, 0) / rows.reduce((sum, { tried }) => sum + tried, 0);
  }
}

/** Common length over the length of both together. */
function overlap(one: { start: number; end: number }, other: { start: number; end: number }): number {
  const common = Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return common <= 0 ? 0 : common / (Math.max(one.end, other.end) - Math.min(one.start, other.start));
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

describe('secrets', () => {
  it(`are found: ${ROUNDS} of each of ${SECRET_KINDS.length} kinds in each of their surroundings`, () => {
    const below = belowFrom(1);
    const [byKind, byPlace] = [new Table(), new Table()];
    const missed: string[] = [];
    for (const kind of SECRET_KINDS) {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const example of examplesOf(kind, below)) {
          const span = findSecrets(Buffer.from(example.text, 'latin1')).find((one) => overlap(one, example) >= 0.75);
          byKind.add(kind.id, span !== undefined, span?.kind === kind.id);
          byPlace.add(example.surroundings, span !== undefined, span?.kind === kind.id);
          if (!span) missed.push(`${kind.id} | ${example.surroundings} | ${example.text.slice(0, 220)}`);
        }
      }
    }
    const lines = byPlace.rows.map(({ row, tried, share, named }) => `${row.padEnd(18)} ${String(tried).padStart(6)} ${percent(share).padStart(8)} ${percent(named / tried).padStart(8)}`);
    console.log([`surroundings       tried   recall  by its own kind`, ...lines, `all ${percent(byKind.share)} of ${byKind.rows.length} kinds; below 90 %: ${byKind.rows.filter(({ share }) => share < 0.9).map(({ row, share }) => `${row} ${percent(share)}`).join(', ') || 'none'}`].join('\n'));
    expect(byKind.share, missed.slice(0, 40).join('\n')).toBeGreaterThanOrEqual(0.97);
    for (const { row, share } of byPlace.rows) expect(share, row).toBeGreaterThanOrEqual(0.95);
    for (const { row, share } of byKind.rows) expect(share, row).toBeGreaterThan(0.5);
  }, 120_000);

  it.each(FORMATS.map(([what, make, name]) => ({ what, make, name })))('are found in a format written down apart from the patterns: $what', ({ make, name }) => {
    const below = belowFrom(3);
    for (let round = 0; round < 20; round += 1) {
      const value = make(below);
      for (const text of name === undefined ? [value, `const setting = "${value}";`, `use ${value}\n`] : [`${name}=${value}\n`, `{"${name}": "${value}"}`, `${name}: '${value}'`]) {
        expect(findSecrets(Buffer.from(text)), text).not.toEqual([]);
      }
    }
  });

  it('are not seen in what looks like them', () => {
    const below = belowFrom(2);
    const table = new Table();
    const seen: string[] = [];
    for (const [sort, make] of Object.entries(LOOK_ALIKES)) {
      for (let round = 0; round < LOOK_ALIKE_ROUNDS; round += 1) {
        const text = make(below);
        const spans = findSecrets(Buffer.from(text));
        table.add(sort, spans.length > 0);
        if (spans.length > 0 && round < 2) seen.push(`${sort}: ${text} -> ${spans.map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`).join('; ')}`);
      }
    }
    console.log(`${table.rows.length} sorts of look-alikes, flagged ${percent(table.share)}\n${seen.join('\n')}`);
    expect(table.share).toBeLessThanOrEqual(0.05);
  });
});
