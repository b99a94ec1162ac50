import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from '@nats-io/nats-core';
import { generateServiceKeys, loadTrust, ServiceKeys } from '@interlock/adapter-sealing';
import type { Trust } from '@interlock/contracts';
import { SERVICES, type ServiceName } from './permissions.js';

export interface Installation {
  readonly trust: Trust;
  /** Public user keys for `natsConfiguration`. */
  readonly users: Readonly<Record<ServiceName | 'operator', string>>;
  /** Seed of the operator's key, for `createStreams` only; no service gets it. */
  readonly operatorSeed: string;
}

/**
 * Makes every key an installation needs, once: `<keysDir>/<service>.json` for each service and `operator.json`, mode 0600 in
 * a folder of mode 0700, and `trust.json` with the public halves. What exists is found again and never replaced, so a
 * service's identity outlives every start. A service that is new to the installation joins it.
 *
 * @throws when a file exists and is not what it should be, or trust.json names other keys than the files hold.
 */
export async function generateInstallation(keysDir: string): Promise<Installation> {
  await mkdir(keysDir, { recursive: true, mode: 0o700 });
  const all = await Promise.all([...SERVICES, 'operator' as const].map(async (name) => [name, await keysOf(keysDir, name)] as const));
  const services = Object.fromEntries(all.filter(([name]) => name !== 'operator').map(([name, keys]) => [name, publicHalf(keys)]));
  const users = Object.fromEntries(all.map(([name, keys]) => [name, publicNkey(keys.nkeySeed)])) as Record<ServiceName | 'operator', string>;
  const operator = all.find(([name]) => name === 'operator')![1];
  return { trust: await trustOf(keysDir, { services }), users, operatorSeed: operator.nkeySeed };
}

async function keysOf(keysDir: string, name: string): Promise<ServiceKeys> {
  const { signingPrivateKey, sealingPrivateKey } = generateServiceKeys();
  const nkeySeed = Buffer.from(nkeys.createUser().getSeed()).toString('latin1');
  await writeOnce(join(keysDir, `${name}.json`), { nkeySeed, signingPrivateKey, sealingPrivateKey });
  return ServiceKeys.load(keysDir, name);
}

async function trustOf(keysDir: string, trust: Trust): Promise<Trust> {
  await writeOnce(join(keysDir, 'trust.json'), trust);
  const stored = withNew(await loadTrust(keysDir), trust);
  for (const [service, keys] of Object.entries(trust.services)) {
    const named = stored.services[service];
    if (named?.signingKey !== keys.signingKey || named.sealingKey !== keys.sealingKey) {
      throw new Error(`${join(keysDir, 'trust.json')} does not name the keys that ${service}.json holds. Restore both from the same backup.`);
    }
  }
  if (stored.joined.length > 0) await replace(join(keysDir, 'trust.json'), { services: stored.services });
  return { services: stored.services };
}

/** Services that a later version of the house has: whom the file names stays as it is. */
function withNew(stored: Trust, { services }: Trust): Trust & { readonly joined: readonly string[] } {
  const joined = Object.keys(services).filter((service) => stored.services[service] === undefined);
  return { services: { ...stored.services, ...Object.fromEntries(joined.map((service) => [service, services[service]!])) }, joined };
}

function publicHalf(keys: ServiceKeys): Trust['services'][string] {
  return { signingKey: keys.publicSigningKey, sealingKey: keys.publicSealingKey };
}

function publicNkey(seed: string): string {
  return nkeys.fromSeed(Buffer.from(seed, 'latin1')).getPublicKey();
}

async function replace(path: string, content: object): Promise<void> {
  const draft = await drafted(path, content);
  await rename(draft, path);
}

/** Whole or not at all, and never over another: of two operator steps at once, one writes and both read the same. */
async function writeOnce(path: string, content: object): Promise<void> {
  const draft = await drafted(path, content);
  try {
    await link(draft, path);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
  } finally {
    await unlink(draft);
  }
}

/** A file beside `path` that holds all of it. */
async function drafted(path: string, content: object): Promise<string> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await file.sync();
    return draft;
  } catch (fault) {
    await unlink(draft);
    throw fault;
  } finally {
    await file.close();
  }
}
