import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Place } from './installation.js';
import { token, type Name } from './people.js';
import { CHECKOUT } from './tools.js';

export interface CliResult {
  readonly said: string;
  readonly code: number | null;
}

/** The `interlock` command as a person runs it, with a token from the environment. */
export async function interlock(place: Place, as: Name, args: readonly string[], { input = '', cwd = place.folder }: { readonly input?: string; readonly cwd?: string } = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [join(CHECKOUT, 'services', 'cli', 'bin', 'interlock.js'), ...args], {
    cwd, env: { PATH: process.env['PATH'] ?? '', HOME: place.folder, INTERLOCK_API: `http://127.0.0.1:${place.ports.api}`, INTERLOCK_TOKEN: await token(place, as) },
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { said: Buffer.concat(said).toString(), code };
}
