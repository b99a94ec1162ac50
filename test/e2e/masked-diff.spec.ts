import { describe, expect, it } from 'vitest';
import { differencesBesideMasks } from './masked-diff.js';

describe('the comparison of transcripts', () => {
  it.each([
    ['equal lines', 'a|b\n1|2', 'a|b\n1|2', 0],
    ['a masked cell', '1|4111', '1|*', 0],
    ['a masked part of a cell', '1|card 4111 here', '1|card [card] here', 0],
    ['a cell that was not masked', '1|4111', '1|4111', 1],
    ['a value that moved', '4111|1', '*|4111', 1],
    ['another difference in the same line', '1|4111', '2|*', 1],
    ['a missing line', 'a\nb', 'a', 1],
    ['a line too many', 'a', 'a\nb', 1],
  ])('%s', (_what, bare, gateway, differences) => {
    expect(differencesBesideMasks(bare, gateway, ['4111'])).toHaveLength(differences);
  });
});
