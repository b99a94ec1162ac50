import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SERVICE_DOORS, type ServiceName } from '../services.js';
import { PORTS, portsFrom } from '../settings.js';
import { hostEnvironment, PASSED_ON, type EnvironmentFacts } from './environment.js';
import { layoutOf } from './layout.js';

const facts: EnvironmentFacts = {
  layout: layoutOf('/state'), ports: portsFrom({}, {}), viewsUrl: 'postgres://audit:secret@127.0.0.1/views',
  tls: { authorityFile: '', certificateFile: '/c', keyFile: '/k', authority: '', certificate: '', key: '' },
  inherited: { PATH: '/bin', INTERLOCK_LOG_LEVEL: 'debug', INTERLOCK_STATE_DIR: '/mine', INTERLOCK_TOKEN: 'mine', INTERLOCK_VAULT_KEK: 'mine', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' },
};

describe('hostEnvironment', () => {
  it.each(Object.keys(SERVICE_DOORS) as ServiceName[])('tells %s nothing that only another service may know', (name) => {
    const text = JSON.stringify(hostEnvironment([name], facts));
    expect(text.includes('audit:secret@')).toBe(name === 'audit');
    expect(text.includes('vault.kek')).toBe(name === 'vault');
    expect(text.includes('recorder.kek')).toBe(name === 'recorder');
    expect(text.includes('masking.kek')).toBe(name === 'masking');
    expect(text.includes('"/k"')).toBe(name === 'connector-postgres');
  });

  it('passes on what a start may set, and none of the supervisor\'s own or a person\'s', () => {
    const env = hostEnvironment(['identity'], facts);
    expect(env).toMatchObject({ PATH: '/bin', INTERLOCK_LOG_LEVEL: 'debug', INTERLOCK_STATE_DIR: '/state/services', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' });
    expect(env).not.toHaveProperty('INTERLOCK_TOKEN');
    expect(env).not.toHaveProperty('INTERLOCK_VAULT_KEK');
  });

  it('is what the README says of variables', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const passedOn = readme.slice(readme.indexOf('All listen on'), readme.indexOf('**Does not**')).match(/INTERLOCK_[A-Z_]+/g);
    const rows = [...readme.matchAll(/^\| (INTERLOCK_[^|]+) \| ([\d, ]+) \|/gm)].flatMap(([, names, ports]) => names!.split(', ').map((name, at) => `${name} ${ports!.split(', ')[at]}`));
    expect(passedOn?.toSorted()).toEqual([...PASSED_ON].toSorted());
    expect(rows.toSorted()).toEqual(Object.values(PORTS).map(({ variable, usual }) => `${variable} ${usual}`).toSorted());
  });

  it('gives a host of several services what each of them needs', () => {
    expect(Object.keys(hostEnvironment(['recorder', 'audit'], facts))).toEqual(expect.arrayContaining(['INTERLOCK_VIEWS_URL', 'INTERLOCK_RECORDER_KEK_FILE']));
  });
});
