import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Configuration } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { effectiveConfiguration } from './effective-configuration.js';

const SHIPPED = fileURLToPath(new URL('../../demo', import.meta.url));
const AUTHORITY = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('effectiveConfiguration', () => {
  it('says what this machine needs, is valid, and is kept beside for later changes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'interlock-configuration-'));
    const files = await effectiveConfiguration(SHIPPED, folder, { issuer: 'http://127.0.0.1:9001', targetPort: 9002, authority: AUTHORITY });
    expect(files.map(({ file }) => file)).toEqual(['interlock.yaml', 'policies/sandbox.cedar', 'policies/shop.cedar']);
    const configuration = Configuration.parse(parse(files[0]?.text ?? ''));
    expect(configuration.issuers[0]?.url).toBe('http://127.0.0.1:9001');
    expect(configuration.targets.map(({ port, ca, tls }) => ({ port, ca, tls }))).toEqual([
      { port: 9002, ca: AUTHORITY, tls: 'verify-full' }, { port: 9002, ca: AUTHORITY, tls: 'verify-full' },
    ]);
    expect(files[0]?.text).toContain('# The demonstration:');
    for (const { file, text } of files) expect(await readFile(join(folder, file), 'utf8')).toBe(text);
    await rm(folder, { recursive: true });
  });
});
