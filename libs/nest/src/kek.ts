import { readFile } from 'node:fs/promises';
import { parseKek } from '@interlock/adapter-sealing';
import { ConfigurationError } from './configuration.js';

/** Where a key-encryption key comes from: a file or a variable, exactly one of them. */
export interface KekSource {
  /** Name and value of the variable that names a file, e.g. `INTERLOCK_VAULT_KEK_FILE`. */
  readonly file: readonly [name: string, value: string | undefined];
  /** Name and value of the variable that holds the key, e.g. `INTERLOCK_VAULT_KEK`. */
  readonly variable: readonly [name: string, value: string | undefined];
}

/**
 * The 32 bytes under which a service encrypts its data keys.
 *
 * @throws ConfigurationError that names the variable; never any of the key.
 */
export async function readKek(source: KekSource): Promise<Buffer> {
  const [fileName, path] = source.file;
  const [variableName, value] = source.variable;
  if ((path === undefined) === (value === undefined)) {
    throw new ConfigurationError(`Set exactly one of ${fileName} (a file with 32 bytes in base64) and ${variableName} (the same as text). Make one with: head -c 32 /dev/urandom | base64`);
  }
  const name = path === undefined ? variableName : fileName;
  const parsed = parseKek(path === undefined ? value! : await readText(fileName, path));
  if (!parsed.ok) throw new ConfigurationError(`${name} is set, but: ${parsed.refusal.detail} ${parsed.refusal.hint ?? ''}`);
  return parsed.value;
}

function readText(name: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    throw new ConfigurationError(`${name} names ${path}, which cannot be read (${fault.code ?? 'fault'}).`);
  });
}
