import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFault } from './fault.js';
import { layContainerKeys } from './operator/container-keys.js';
import { ensureStreams } from './supervisor/bus.js';

const USAGE = 'usage: operator keys <folder> | operator streams <folder> <bus url> <bus folder>';

/** The operator step for containers: `keys` before the bus runs, `streams` once it does. */
async function run([step, folder, url, busFolder]: readonly string[]): Promise<string> {
  if (step === 'keys' && folder !== undefined) {
    await layContainerKeys(folder);
    return 'keys and configuration are in place';
  }
  if (step === 'streams' && folder !== undefined && url !== undefined && busFolder !== undefined) {
    const { nkeySeed } = JSON.parse(await readFile(join(folder, 'installation', 'operator.json'), 'utf8')) as { nkeySeed: string };
    const created = await ensureStreams(url, nkeySeed, busFolder);
    return created.length === 0 ? 'every stream is there' : `created ${created.join(', ')}`;
  }
  throw new Error(USAGE);
}

try {
  console.log(await run(process.argv.slice(2)));
} catch (fault) {
  console.error(explainFault(fault));
  process.exitCode = 1;
}
