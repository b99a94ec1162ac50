import { describe, expect, it } from 'vitest';
import { natsConfiguration } from './configuration.js';
import { RPC_CALLERS, SERVICES, type ServiceName } from './permissions.js';

const users = Object.fromEntries([...SERVICES, 'operator' as const].map((name) => [name, `$INTERLOCK_NKEY_${name.toUpperCase().replaceAll('-', '_')}`])) as Record<ServiceName | 'operator', string>;
const rendered = natsConfiguration({ host: '0.0.0.0', clientPort: 4222, monitorPort: 8222, storeDir: '/data', users });

function accountBlock(account: string): string {
  const start = rendered.indexOf(`  "${account}" {`);
  return rendered.slice(start, rendered.indexOf('\n  }\n', start));
}

describe('the configuration of the bus', () => {
  it('is the file in deploy/nats, with names in place of keys', async () => {
    await expect(rendered).toMatchFileSnapshot('../../../nats/nats.conf');
  });

  it('syncs every write, unless it is told not to', () => {
    expect(rendered).toContain('sync_interval: always');
    expect(natsConfiguration({ clientPort: 4222, storeDir: '/data', users, sync: 'default' })).not.toContain('sync_interval');
  });

  it('listens on loopback, and monitors nothing, unless it is told to', () => {
    const plain = natsConfiguration({ clientPort: 4222, storeDir: '/data', users });
    expect(plain).toContain('listen: "127.0.0.1:4222"');
    expect(plain).not.toContain('http:');
  });

  it('gives streams to one account only, and no service its key', () => {
    expect(rendered.match(/jetstream: enabled/g)).toHaveLength(1);
    expect(accountBlock('STREAMS')).toContain(`users: [ { nkey: ${users.operator} } ]`);
    for (const service of SERVICES) expect(accountBlock(service.toUpperCase())).toContain(`users: [ { nkey: ${users[service]} } ]`);
  });

  it('shares nothing with everyone: every export names its accounts', () => {
    const exported = rendered.split('\n').filter((line) => /^\s+\{ (service|stream): "/.test(line));
    expect(exported.length).toBeGreaterThan(Object.keys(RPC_CALLERS).length);
    for (const line of exported) expect(line).toMatch(/accounts: \["[A-Z-]+"(, "[A-Z-]+")*\]/);
  });

  it('lets no service at the interface of streams, but for reading by direct get', () => {
    const api = [...rendered.matchAll(/\{ service: "(\$JS[^"]*)"/g)].map((match) => match[1]!);
    expect(api.length).toBeGreaterThan(0);
    for (const subject of api) expect(subject).toMatch(/^\$JS\.API\.DIRECT\.GET\.[A-Z]+(\.(>|ledger\.[a-z-]+\.\*))?$/);
  });
});
