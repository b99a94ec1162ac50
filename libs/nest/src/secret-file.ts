import { open } from 'node:fs/promises';
import { join } from 'node:path';

const SECRET_BYTES = 8 * 1024;
const NAME = /^[a-z0-9][a-z0-9._-]{0,80}$/;

/**
 * What a file of a service's own secrets holds, without the line's end; undefined where there is no such file or folder. It is read
 * when it is needed, so that a secret can be set, or another given, while the service runs.
 *
 * @throws RangeError for a name that is none, and for a file that is too long to be a secret; never with any of it.
 */
export async function readSecretFile(folder: string | undefined, name: string): Promise<string | undefined> {
  if (!NAME.test(name)) throw new RangeError('a secret file is named by lower-case letters, digits, dots and dashes');
  if (folder === undefined) return undefined;
  const file = await open(join(folder, name), 'r').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return undefined;
    throw fault;
  });
  if (!file) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SECRET_BYTES + 1), 0, SECRET_BYTES + 1, 0);
    if (bytesRead > SECRET_BYTES) throw new RangeError(`the secret file ${name} has more than ${SECRET_BYTES} bytes`);
    return buffer.toString('utf8', 0, bytesRead).replace(/\r?\n$/, '') || undefined;
  } finally {
    await file.close();
  }
}
