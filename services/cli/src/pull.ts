import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { PolicyFile } from '@interlock/contracts';
import { CliError, EXIT } from './exit.js';
import { filesBelow, readText } from './folder.js';

/** A version of the configuration as it is to be written. */
interface Version {
  readonly version: number;
  readonly files: readonly PolicyFile[];
}

/**
 * Writes a version into a folder, never outside of it. Answers the rules in the folder that are not part of that version: they stay.
 *
 * @throws CliError where a file is there already and says something else, unless `force`; nothing is written then.
 */
export function pullInto(root: string, { version, files }: Version, force: boolean): string[] {
  const placed = files.map(({ file, text }) => ({ file, text, path: pathBelow(root, file) }));
  const differing = force ? [] : placed.filter(({ path, text }) => existsSync(path) && readText(path) !== text).map(({ file }) => file);
  if (differing.length > 0) {
    throw new CliError(EXIT.refused, `Nothing was written into ${root}: ${differing.join(', ')} there ${differing.length === 1 ? 'differs' : 'differ'} from version ${version}.`,
      'Name another folder, keep what you wrote elsewhere, or overwrite it with --force.');
  }
  for (const { path, text } of placed) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return filesBelow(root, 'policies', '.cedar').map(({ file }) => file).filter((file) => !files.some((one) => one.file === file));
}

function pathBelow(root: string, file: string): string {
  const path = normalize(join(root, file));
  if (!path.startsWith(`${root}/`)) throw new CliError(EXIT.refused, `The answer names a file outside the folder: ${file}.`);
  return path;
}
