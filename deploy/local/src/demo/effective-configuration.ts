import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';
import { writePrivate } from '../state/secret-file.js';

/** One file of a configuration, as `POST /api/v1/changes` takes it. */
export interface ConfigurationFile {
  readonly file: string;
  readonly text: string;
}

/** What the demonstration's configuration must say on this machine. */
export interface Surroundings {
  readonly issuer: string;
  readonly targetPort: number;
  /** PEM of the authority that vouches for the target's certificate. */
  readonly authority: string;
}

/** Fills this machine's addresses into the demonstration's `interlock.yaml`; comments and order stay. */
export function fillIn(text: string, { issuer, targetPort, authority }: Surroundings): string {
  const document = parseDocument(text);
  for (const entry of itemsOf(document.get('issuers'))) entry.set('url', issuer);
  for (const entry of itemsOf(document.get('targets'))) {
    entry.set('port', targetPort);
    entry.set('ca', authority);
  }
  return document.toString({ lineWidth: 0 });
}

/** Reads the shipped configuration, fills it in, and keeps a copy in `folder` for later `interlock apply`s. */
export async function effectiveConfiguration(shipped: string, folder: string, surroundings: Surroundings): Promise<ConfigurationFile[]> {
  const policies = (await readdir(join(shipped, 'policies'))).filter((name) => name.endsWith('.cedar')).toSorted();
  const files = await Promise.all(['interlock.yaml', ...policies.map((name) => join('policies', name))].map(async (file) => {
    const text = await readFile(join(shipped, file), 'utf8');
    return { file, text: basename(file) === 'interlock.yaml' ? fillIn(text, surroundings) : text };
  }));
  for (const { file, text } of files) await writePrivate(join(folder, file), text);
  return files;
}

function itemsOf(node: unknown): { set(key: string, value: unknown): void }[] {
  return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
}
