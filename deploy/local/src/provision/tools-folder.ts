import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Fills `<tools>/<name>` once. The work is done in a folder beside it that is renamed at the end, so an interrupted
 * or concurrent start never leaves a half-filled tool.
 */
export async function fillOnce(tools: string, name: string, fill: (into: string) => Promise<void>): Promise<string> {
  const folder = join(tools, name);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.filling-${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await fill(fresh);
  await rename(fresh, folder).catch((fault: unknown) => {
    if (!existsSync(folder)) throw fault;
  });
  await rm(fresh, { recursive: true, force: true });
  return folder;
}
