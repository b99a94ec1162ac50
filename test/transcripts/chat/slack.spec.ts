import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SlackWorld } from './slack-world.js';

/** One line of a transcript: a word and what belongs to it. Lines that begin with `#` are for readers; one that ends in three dots is held to its beginning. */
interface Line {
  readonly word: string;
  readonly rest: string;
}

const lines = readFileSync(new URL('./slack.txt', import.meta.url), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line): Line => {
  const at = `${line} `.indexOf(' ');
  return { word: line.slice(0, at), rest: line.slice(at + 1) };
});

describe('a recorded conversation with Slack', () => {
  it('is held again, word for word', async () => {
    const left = [...lines];
    const next = (word: string): string => {
      const line = left.shift();
      expect(line?.word, `after ${lines.length - left.length - 1} lines comes ${word}`).toBe(word);
      return line!.rest;
    };
    const world = new SlackWorld((method, fields) => {
      const [said, expected] = [`${method} ${fields}`, next('says')];
      expect(said.slice(0, expected.endsWith('...') ? expected.length - 3 : undefined)).toBe(expected.replace(/\.\.\.$/, ''));
      return next('slack');
    });
    const steps: Readonly<Record<string, (rest: string) => Promise<void> | void>> = {
      later: (seconds) => world.clock.advance(Number(seconds) * 1_000),
      agent: (what) => (what === 'asks' ? world.ask() : world.run()),
      tell: () => world.tell(),
      pressed: async (rest) => {
        const [timestamp, signature, body] = rest.split(' ') as [string, string, string];
        expect(`${await world.press(timestamp, signature, body)}`).toBe(next('answer'));
      },
      ledger: (types) => expect(world.recorded()).toBe(types),
      status: async (status) => expect(await world.status()).toBe(status),
    };
    while (left.length > 0) {
      const { word, rest } = left.shift()!;
      const step = steps[word];
      if (!step) throw new Error(`nobody expects here: ${word} ${rest}`);
      await step(rest);
    }
  });
});
