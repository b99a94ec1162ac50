import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { layScript } from './program-folder.js';
import { runProgram } from './run-program.js';

it('calls the program with its environment and every argument as given', async () => {
  const folder = await mkdtemp(join(tmpdir(), "inter'lock-script-"));
  const script = await layScript(join(folder, 'bin'), 'show', { path: '/usr/bin/env', env: { LD_LIBRARY_PATH: "/a b/it's" } });
  const { stdout } = await runProgram(script, ['sh', '-c', 'printf "%s|%s" "$LD_LIBRARY_PATH" "$1"', 'sh', 'two words']);
  expect(stdout).toBe("/a b/it's|two words");
  await rm(folder, { recursive: true });
});
