import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVICES } from '../bus/permissions.js';
import { VIEWS_DATABASE, VIEWS_ROLE } from '../demo/databases.js';
import { keptSecret, writePrivate } from '../state/secret-file.js';
import { prepareBus } from '../supervisor/bus.js';
import { ensureLocalTls } from '../tls/authority.js';

/** Where the bus keeps its streams inside its container. */
const BUS_STORE = '/bus';
const BUS_PORTS = { clientPort: 4222, monitorPort: 8222 } as const;

/**
 * Lays out one folder per container below `folder`, each with the keys that container may see and no others. Keeps what is
 * there: an installation's identity outlives its containers.
 */
export async function layContainerKeys(folder: string): Promise<void> {
  const all = join(folder, 'installation');
  await prepareBus({ keys: all, bus: join(folder, 'bus') }, { ...BUS_PORTS, host: '0.0.0.0', storeDir: BUS_STORE });
  for (const service of SERVICES) {
    await mkdir(join(folder, service), { recursive: true, mode: 0o700 });
    for (const file of [`${service}.json`, 'trust.json']) await copyFile(join(all, file), join(folder, service, file));
  }
  for (const service of ['approval', 'chatops']) await mkdir(join(folder, service, 'chat'), { recursive: true, mode: 0o700 });
  for (const service of ['vault', 'recorder', 'masking']) await keptSecret(join(folder, service, 'kek'), 'base64');
  await layViewsPassword(folder);
  const tls = await ensureLocalTls(join(folder, 'installation', 'tls'), ['connector-postgres']);
  await writePrivate(join(folder, 'connector-postgres', 'server.pem'), tls.certificate);
  await writePrivate(join(folder, 'connector-postgres', 'server.key'), tls.key);
}

/** The database's container runs as another user, so its two files are readable by all who can see the folder: that container alone. */
async function layViewsPassword(folder: string): Promise<void> {
  const views = join(folder, 'views');
  const password = await keptSecret(join(folder, 'installation', 'views'), 'base64url');
  const superuser = await keptSecret(join(folder, 'installation', 'views-superuser'), 'base64url');
  await mkdir(views, { recursive: true });
  await chmod(views, 0o755);
  await writeFile(join(views, 'password'), password, { mode: 0o644 });
  await writeFile(join(views, 'superuser'), superuser, { mode: 0o644 });
  await writePrivate(join(folder, 'audit', 'pgpass'), `views:5432:${VIEWS_DATABASE}:${VIEWS_ROLE}:${password}\n`);
}
