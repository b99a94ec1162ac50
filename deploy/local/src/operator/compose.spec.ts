import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SERVICES } from '../bus/permissions.js';

interface Container {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string; readonly target: string; readonly args?: { readonly SERVICE?: string } };
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly source: string; readonly target: string; readonly volume?: { readonly subpath: string } })[];
}

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const compose = parse(readFileSync(join(repository, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Container>; networks: Record<string, unknown>; volumes: Record<string, unknown>;
};
const containers = Object.entries(compose.services);
const ours = containers.filter(([, container]) => container.build?.target === 'service');
const ONE_SHOT = ['keys', 'streams'];

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

describe('docker-compose.yml', () => {
  it('has every service of the bus, and no other of ours', () => {
    expect(ours.map(([name]) => name).toSorted()).toEqual([...SERVICES].toSorted());
  });

  it.each(ours)('%s is built from its own folder', (name, container) => {
    expect(container.build?.args?.SERVICE).toBe(name);
    expect(existsSync(join(repository, 'services', name, 'src', 'main.ts'))).toBe(true);
  });

  it.each(ours)('%s is told only what it knows', (name, container) => {
    const known = new Set(`${sources(join(repository, 'libs', 'nest', 'src'))}${sources(join(repository, 'services', name, 'src'))}`.match(/INTERLOCK_[A-Z_]+/g));
    const named = Object.keys(container.environment ?? {}).filter((variable) => variable.startsWith('INTERLOCK_'));
    expect(named.filter((variable) => !known.has(variable))).toEqual([]);
    expect(named).toEqual(expect.arrayContaining(['INTERLOCK_NATS_URL', 'INTERLOCK_KEYS_DIR', 'INTERLOCK_STATE_DIR']));
  });

  it.each(ours)('%s is told what it cannot start without', (name, container) => {
    const needed = [...sources(join(repository, 'services', name, 'src')).matchAll(/\b(INTERLOCK_[A-Z_]+)(?:: requiredText|(?<=_KEK_FILE): )/g)].map((match) => match[1]!);
    expect(Object.keys(container.environment ?? {})).toEqual(expect.arrayContaining(needed));
  });

  it.each(ours.filter(([, container]) => container.ports))('%s listens on the port that is published, on this machine alone', (_name, { ports, environment }) => {
    const listening = Object.entries(environment ?? {}).filter(([variable]) => /_(API|POSTGRES)_PORT$/.test(variable)).map(([variable, port]) => `127.0.0.1:\${${variable}:-${port}}:${port}`);
    expect(ports).toEqual(listening);
    expect(Object.entries(environment ?? {}).filter(([variable]) => variable.endsWith('_HOST')).map(([, host]) => host)).toEqual(['0.0.0.0']);
  });

  it.each(ours)('%s is asked for its health where it answers', (_name, { environment, healthcheck }) => {
    expect(healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${environment?.['INTERLOCK_HEALTH_PORT']}/health/ready`);
  });

  it.each(ours)('%s sees its own keys and no others', (name, container) => {
    const keys = (container.volumes ?? []).filter((volume) => typeof volume !== 'string' && volume.source === 'keys');
    expect(keys).toEqual([expect.objectContaining({ target: '/keys', read_only: true, volume: { subpath: name } })]);
  });

  it.each(containers)('%s has no privileges and nothing to write outside its volumes', (_name, container) => {
    expect(container).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: expect.stringMatching(/^[1-9]\d*:/) as string });
  });

  it.each(containers.filter(([name]) => !ONE_SHOT.includes(name)))('%s says whether it is healthy', (_name, container) => {
    expect(container.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('holds no secret, in no environment', () => {
    for (const [, container] of containers) {
      for (const [variable, value] of Object.entries(container.environment ?? {})) {
        expect(`${variable}=${value}`).not.toMatch(/(PASSWORD|SECRET|TOKEN|KEK)=|:[^/@]+@/);
      }
    }
  });

  it('refers only to networks, volumes, containers and files that exist', () => {
    for (const [, container] of containers) {
      for (const network of container.networks ?? []) expect(compose.networks).toHaveProperty(network);
      for (const other of Object.keys(container.depends_on ?? {})) expect(compose.services).toHaveProperty(other);
      for (const volume of container.volumes ?? []) {
        const source = typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source;
        if (source.startsWith('.')) expect(existsSync(join(repository, source))).toBe(true);
        else expect(compose.volumes).toHaveProperty(source);
      }
      if (container.build) expect(readFileSync(join(repository, container.build.dockerfile), 'utf8')).toContain(` AS ${container.build.target}`);
    }
  });

  it('keeps those who need no outside away from it', () => {
    const inside = containers.filter(([, container]) => container.networks?.join() === 'bus').map(([name]) => name);
    expect(inside).toEqual(expect.arrayContaining(['bus', 'views', 'recorder', 'masking']));
  });
});
