import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program } from './debian-tools.js';

/**
 * Lays a small script around a program that needs an environment of its own, so that it can be called like any other.
 * Answers the script's path.
 */
export async function layScript(folder: string, name: string, program: Program): Promise<string> {
  await mkdir(folder, { recursive: true });
  const script = join(folder, name);
  const settings = Object.entries(program.env).map(([variable, value]) => `${variable}=${quoted(value)} `).join('');
  await writeFile(`${script}.new`, `#!/bin/sh\n${settings}exec ${quoted(program.path)} "$@"\n`, { mode: 0o755 });
  await rename(`${script}.new`, script);
  return script;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
