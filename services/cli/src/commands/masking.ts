import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ClassifiedColumn, ColumnTag, RpcResponse } from '@interlock/contracts';
import { InvalidArgumentError } from 'commander';
import { isSeq, parseDocument } from 'yaml';
import { CliError, EXIT } from '../exit.js';
import { readText } from '../folder.js';
import type { Context, Register } from '../context.js';
import { examples } from '../examples.js';
import { table } from '../output.js';
import { registerTokens } from './tokens.js';

interface ClassifyOptions { readonly write?: string; readonly atLeast: number; readonly all?: true }

export const registerMasking: Register = (program, run) => {
  const masking = program.command('masking').description('what columns hold, who has looked, and what tokens stand for');

  masking.command('classify <target>').description('look at the columns of a target and propose tags, by their names and a sample of their values; no value is shown')
    .option('--write <folder>', 'add what is proposed to interlock.yaml of a folder, in your name; `apply` then asks a second person')
    .option('--at-least <sure>', 'leave out what is less sure than this, 0 to 1', sureFrom, 0.4).option('--all', 'list columns of which nothing is proposed, too')
    .addHelpText('after', examples(['masking classify shop', 'what its columns may hold'], ['masking classify shop --at-least 0.8 --write my-interlock', 'take what is rather sure']))
    .action(run<ClassifyOptions>(async ({ client, output, cwd, next, options }, target) => {
      const columns = await everyColumn(client, target!);
      const proposals = columns.flatMap((column) => column.proposals.filter(({ sure }) => sure >= options.atLeast).map((proposal) => ({ ...proposal, column: pathOf(column) })));
      const file = options.write === undefined ? undefined : join(resolve(cwd, options.write), 'interlock.yaml');
      const { principal } = file === undefined ? {} : await client.get<'identity.whoami'>('/whoami');
      const added = file === undefined ? [] : addTags(file, proposals.map(({ column, tag, sure }) => ({ target: target!, column, tag, by: principal!.name, sure })));
      output.result({ columns, proposals, ...(file !== undefined && { file, added: added.length }) }, () => [
        classificationText(columns, options),
        ...(file === undefined ? [] : [`${added.length} tags added to ${file}: read them, and then \`${next(`apply ${options.write!}`)}\`.`]),
      ].join('\n'));
    }));

  masking.command('coverage <target>').description('how many columns of a target somebody has looked at, who, and how sure')
    .action(run(async ({ client, output }, target) => {
      const answer = await client.get<'masking.coverage'>(`/targets/${encodeURIComponent(target!)}/coverage`);
      output.result(answer, () => coverageText(answer));
    }));

  registerTokens(masking, run);
};

async function everyColumn(client: Context['client'], target: string): Promise<readonly ClassifiedColumn[]> {
  const columns: ClassifiedColumn[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page: RpcResponse<'masking.classify'> = await client.send<'masking.classify'>('POST', `/targets/${encodeURIComponent(target)}/classification`, after === undefined ? {} : { after });
    columns.push(...page.columns);
    after = page.next;
  }
  return columns;
}

function classificationText(columns: readonly ClassifiedColumn[], { atLeast, all }: ClassifyOptions): string {
  const rows = columns.flatMap((column) => {
    const said = column.tags.map(({ tag }) => tag).join(', ');
    const sureEnough = column.proposals.filter(({ sure }) => sure >= atLeast);
    const shown = sureEnough.length > 0 ? sureEnough : all ? [undefined] : [];
    return shown.map((proposal) => [pathOf(column), column.type, said, proposal?.tag, proposal && percent(proposal.sure), proposal?.because ?? column.unread]);
  });
  const unread = columns.filter((column) => column.unread !== undefined).length;
  return [
    table(['COLUMN', 'TYPE', 'TAGGED', 'PROPOSED', 'SURE', 'BECAUSE OF'], rows),
    ...(unread > 0 ? [`Values of ${unread} columns could not be read (${[...new Set(columns.flatMap((column) => column.unread ?? []))].slice(0, 3).join('; ')}): may the standing credential read their tables?`] : []),
  ].join('\n');
}

function coverageText({ columns, classified, sensitive, by, leastSure, unclassified }: RpcResponse<'masking.coverage'>): string {
  const signed = Object.entries(by).map(([name, count]) => `${name} ${count}`).join(', ');
  return [
    `${classified} of ${columns} columns are classified${columns === 0 ? '' : ` (${percent(classified / columns)})`}; ${sensitive} of them hold something to hide.`,
    ...(signed === '' ? [] : [`Tags by: ${signed}${leastSure === undefined ? '' : `; the least sure of them is ${percent(leastSure)} sure`}.`]),
    ...unclassified.map((path) => `  ${path}`),
    ...(classified + unclassified.length < columns ? [`  and ${columns - classified - unclassified.length} more`] : []),
  ].join('\n');
}

function pathOf({ schema, table: name, column }: ClassifiedColumn): string {
  return `${schema}.${name}.${column}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function sureFrom(text: string): number {
  const sure = Number(text);
  if (text.trim() === '' || !(sure >= 0 && sure <= 1)) throw new InvalidArgumentError('It is a number from 0 to 1.');
  return sure;
}

/** Adds the tags that are not there yet, a line each, and leaves everything else as it was written. */
function addTags(file: string, tags: readonly ColumnTag[]): readonly ColumnTag[] {
  if (!existsSync(file)) throw new CliError(EXIT.usage, `There is no ${file}.`, 'Get the configuration in force with `interlock pull FOLDER` first.');
  const document = parseDocument(readText(file));
  if (document.errors.length > 0) throw new CliError(EXIT.usage, `${file} is not YAML: ${document.errors[0]!.message}`);
  const present = ((document.toJS() as { masking?: { tags?: ColumnTag[] } } | null)?.masking?.tags ?? []).map(({ target, column, tag }) => JSON.stringify([target, column, tag]));
  const added = tags.filter(({ target, column, tag }) => !present.includes(JSON.stringify([target, column, tag])));
  for (const tag of added) {
    const node = document.createNode(tag, { flow: true });
    const list = document.getIn(['masking', 'tags']);
    if (isSeq(list)) list.add(node);
    else document.setIn(['masking', 'tags'], document.createNode([node]));
  }
  if (added.length > 0) writeFileSync(file, document.toString({ lineWidth: 0 }));
  return added;
}
