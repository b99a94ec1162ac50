import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceKeys } from '@interlock/adapter-sealing';
import { generateInstallation } from './installation.js';
import { SERVICES } from './permissions.js';

let folder: string;
beforeEach(async () => void (folder = join(await mkdtemp(join(tmpdir(), 'interlock-installation-')), 'keys')));
afterEach(() => rm(join(folder, '..'), { recursive: true }));

describe('an installation', () => {
  it('has keys for every service and the operator, that only their owner may read', async () => {
    await generateInstallation(folder);
    expect((await readdir(folder)).sort()).toEqual([...SERVICES, 'operator', 'trust'].map((name) => `${name}.json`).sort());
    for (const name of await readdir(folder)) expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('trusts the public halves, and holds no private one in trust.json', async () => {
    const { trust, users } = await generateInstallation(folder);
    const text = await readFile(join(folder, 'trust.json'), 'utf8');
    for (const service of SERVICES) {
      const keys = await ServiceKeys.load(folder, service);
      expect(trust.services[service]).toEqual({ signingKey: keys.publicSigningKey, sealingKey: keys.publicSealingKey });
      expect(users[service]).toMatch(/^U[A-Z2-7]{55}$/);
      expect(text).not.toContain(keys.nkeySeed);
    }
    expect(Object.keys(trust.services)).not.toContain('operator');
    expect(new Set(Object.values(users)).size).toBe(SERVICES.length + 1);
  });

  it('is found again, not made anew', async () => {
    const first = await generateInstallation(folder);
    expect(await generateInstallation(folder)).toEqual(first);
  });

  it('made by two at once is one', async () => {
    const [one, other] = await Promise.all([generateInstallation(folder), generateInstallation(folder)]);
    expect(one.users).toEqual(other.users);
    expect(await generateInstallation(folder)).toEqual(one);
  });

  it('of an earlier version is joined by a service that is new, and nothing else of it changes', async () => {
    const { trust, users } = await generateInstallation(folder);
    const { chatops: _, ...earlier } = trust.services;
    await writeFile(join(folder, 'trust.json'), JSON.stringify({ services: earlier }));
    await rm(join(folder, 'chatops.json'));
    const now = await generateInstallation(folder);
    expect(now.trust.services).toMatchObject(earlier);
    expect(now.trust.services['chatops']).not.toEqual(trust.services['chatops']);
    expect({ ...now.users, chatops: '' }).toEqual({ ...users, chatops: '' });
    expect(await generateInstallation(folder)).toEqual(now);
    expect((await stat(join(folder, 'trust.json'))).mode & 0o777).toBe(0o600);
  });

  it('whose trust.json names other keys is refused', async () => {
    const { trust } = await generateInstallation(folder);
    await writeFile(join(folder, 'trust.json'), JSON.stringify({ services: { ...trust.services, vault: trust.services['audit'] } }));
    await expect(generateInstallation(folder)).rejects.toThrow('does not name the keys that vault.json holds');
  });
});
