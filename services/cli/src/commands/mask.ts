import { resolve } from 'node:path';
import type { Content } from '@interlock/contracts';
import type { ContentSink, Finding } from '@interlock/language-content';
import type { Context, Register } from '../context.js';
import { examples } from '../examples.js';
import { CliError, EXIT } from '../exit.js';
import { filesOf } from '../folder.js';

/** The content net alone, here: nothing is sent anywhere, and nothing is held but a window of the text. */
export const registerMask: Register = (program, run) => {
  program.command('mask').description('replace what is sensitive in the text on standard input, by the content net alone; with --spans, tell where it lies')
    .option('--rules <folder>', 'look for the kinds that the configuration of this folder names; without it, for all')
    .option('--spans', 'print a JSON line for each finding instead: start, end (in Unicode code points, end exclusive), kind, score')
    .addHelpText('after', examples(['mask < letter.txt', 'the letter with placeholders'], ['mask --spans < letter.txt', 'what was found, and where']))
    .action(run<{ rules?: string; spans?: boolean }>(mask));
};

async function mask(context: Context & { readonly options: { rules?: string; spans?: boolean } }): Promise<void> {
  const { rules, spans } = context.options;
  const { ContentStream, FOUND_KINDS, netFor, placeholderOf } = await import('@interlock/language-content');
  const net = netFor(rules === undefined ? FOUND_KINDS : await contentsOf(resolve(context.cwd, rules)));
  const ready: Uint8Array[] = [];
  const stream = new ContentStream(net, spans === true ? new SpanLines(ready) : {
    // The window goes on under what it handed out.
    clear: (bytes) => void ready.push(Buffer.from(bytes)),
    found: (finding, bytes) => void ready.push(placeholderOf(finding, bytes)),
  });
  for await (const chunk of context.standardInput) {
    stream.push(chunk);
    await context.writeBytes(Buffer.concat(ready.splice(0)));
  }
  stream.finish();
  await context.writeBytes(Buffer.concat(ready));
}

/** The kinds, and the recognizers, that any target of the configuration is searched for. */
async function contentsOf(folder: string): Promise<readonly Content[]> {
  const { readConfiguration } = await import('@interlock/authoring');
  const { configuration, problems } = readConfiguration(filesOf(folder));
  if (!configuration || problems.length > 0) throw new CliError(EXIT.refused, `The configuration in ${folder} does not load: ${problems[0]?.detail ?? 'it cannot be read'}.`, `\`interlock policy analyze ${folder}\` tells all that is wrong with it.`);
  const { content, recognizers = [] } = configuration.masking;
  const { compileRecognizer } = await import('@interlock/language-content');
  const unusable = recognizers.map(compileRecognizer).find((compiled) => !compiled.ok);
  if (unusable && !unusable.ok) throw new CliError(EXIT.refused, `The configuration in ${folder} does not load: ${unusable.refusal.detail}.`, 'docs/masking-secrets.md says what a pattern may be.');
  const kinds = [...new Set(content.flatMap((rule) => rule.kinds)), ...recognizers.filter(({ id }) => content.some((rule) => rule.recognizers?.includes(id)))];
  if (kinds.length === 0) throw new CliError(EXIT.refused, `The configuration in ${folder} looks for no content.`, 'Name kinds under masking.content, or leave --rules out to look for all.');
  return kinds;
}

/** A JSON line for each finding, in characters of the whole text: code points, so bytes that continue one do not count. */
class SpanLines implements ContentSink {
  #characters = 0;

  constructor(private readonly lines: Uint8Array[]) {}

  clear(bytes: Uint8Array): void {
    this.#characters += charactersIn(bytes);
  }

  found({ kind, score }: Finding, bytes: Uint8Array): void {
    const start = this.#characters;
    this.#characters += charactersIn(bytes);
    this.lines.push(Buffer.from(`${JSON.stringify({ start, end: this.#characters, kind, score })}\n`));
  }
}

function charactersIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) if ((bytes[at]! & 0xc0) !== 0x80) count += 1;
  return count;
}
