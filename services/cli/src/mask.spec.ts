import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cli } from '../spec/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'interlock-mask-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = 'Ünï 😀 pays 4111 1111 1111 1111, write to ada@example.test\n';

describe('interlock mask', () => {
  it('replaces what is found and nothing else', async () => {
    expect(await cli(['mask'], {}, TEXT, folder)).toMatchObject({ code: 0, out: 'Ünï 😀 pays [card], write to [email]\n', err: '' });
    expect(await cli(['mask'], {}, 'nothing here 17\n', folder)).toMatchObject({ code: 0, out: 'nothing here 17\n' });
  });

  it('tells where it lies, in code points', async () => {
    const { out } = await cli(['mask', '--spans'], {}, TEXT, folder);
    const characters = [...TEXT];
    const spans = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { start: number; end: number; kind: string; score: number });
    expect(spans.map(({ start, end, kind }) => [kind, characters.slice(start, end).join('')])).toEqual([['card', '4111 1111 1111 1111'], ['email', 'ada@example.test']]);
    expect(spans.every(({ score }) => score > 0 && score <= 1)).toBe(true);
  });

  it('looks for what the configuration of a folder names', async () => {
    const company = fileURLToPath(new URL('../../../examples/company', import.meta.url));
    expect(await cli(['mask', '--rules', company], {}, `${TEXT}at 203.0.113.9`, folder)).toMatchObject({ err: '', code: 0, out: 'Ünï 😀 pays [card], write to [email]\nat 203.0.113.9' });
  });

  it('looks for its recognizers, and refuses one that would go back', async () => {
    const rules = (pattern: string): string => {
      const own = mkdtempSync(join(folder, 'rules-'));
      cpSync(fileURLToPath(new URL('../../../examples/company', import.meta.url)), own, { recursive: true });
      const text = readFileSync(join(own, 'interlock.yaml'), 'utf8');
      const named = text.replace('kinds: [card, email]', 'kinds: [card, email], recognizers: [staff-no]').replace('masking:\n', `masking:\n  recognizers:\n    - { id: staff-no, pattern: '${pattern}' }\n`);
      writeFileSync(join(own, 'interlock.yaml'), named);
      return own;
    };
    expect(await cli(['mask', '--rules', rules('EMP-\\d{6}')], {}, 'EMP-123456 and 4111 1111 1111 1111', folder)).toMatchObject({ err: '', out: '[staff-no] and [card]' });
    expect(await cli(['mask', '--rules', rules('EMP-(?=\\d)')], {}, 'EMP-123456', folder)).toMatchObject({ code: 1, out: '', err: expect.stringContaining('recognizer staff-no cannot be used: at character 5 of its pattern: looking ahead') });
  });

  it('refuses a folder without a configuration', async () => {
    expect(await cli(['mask', '--rules', 'nowhere'], {}, TEXT, folder)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('nowhere') });
  });
});
