import { expect, it } from 'vitest';
import { progress } from './progress.js';

it('tells the seconds since the command was given', () => {
  let said = '';
  progress((text) => (said += text), 1_000, () => 85_340)('every part accepts connections');
  expect(said).toBe('[ 84.3 s] every part accepts connections\n');
});
