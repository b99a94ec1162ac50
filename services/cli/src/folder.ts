import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyFile } from '@interlock/contracts';
import { CliError, EXIT } from './exit.js';

/** The files of a configuration's folder: `interlock.yaml` and `policies/*.cedar`. */
export function filesOf(folder: string): PolicyFile[] {
  const main = join(folder, 'interlock.yaml');
  if (!existsSync(main)) throw new CliError(EXIT.usage, `There is no ${main}.`, 'Name the folder that holds interlock.yaml, or make one with `interlock pull FOLDER`.');
  return [{ file: 'interlock.yaml', text: readText(main) }, ...filesBelow(folder, 'policies', '.cedar')];
}

/** Files with this ending in one folder of it, in the order of their names. */
export function filesBelow(folder: string, name: string, ending: string): PolicyFile[] {
  const below = join(folder, name);
  const found = existsSync(below) ? readdirSync(below).filter((file) => file.endsWith(ending)).sort() : [];
  return found.map((file) => ({ file: `${name}/${file}`, text: readText(join(below, file)) }));
}

/** The text of a file that someone named. */
export function readText(file: string, hint = 'See to its permissions, or name another folder.'): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (fault) {
    throw new CliError(EXIT.usage, `${file} cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown'}).`, hint);
  }
}

/** Writes a file that someone named. */
export function writeText(file: string, content: string | Buffer): void {
  try {
    writeFileSync(file, content);
  } catch (fault) {
    throw new CliError(EXIT.usage, `${file} cannot be written (${(fault as NodeJS.ErrnoException).code ?? 'unknown'}).`, 'Name a folder that is there and that you may write into.');
  }
}
