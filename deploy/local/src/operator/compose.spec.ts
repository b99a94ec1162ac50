import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SERVICES } from '../bus/permissions.js';

interface Container {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string; readonly target: string; readonly args?: { readonly SERVICE?: string } };
  readonly command?: readonly string[];
  readonly security_opt?: readonly string[];
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

interface Compose {
  readonly services: Record<string, Container>;
  readonly networks: Record<string, unknown>;
  readonly volumes: Record<string, unknown>;
}

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const text = readFileSync(join(repository, 'docker-compose.yml'), 'utf8');
const dockerfile = readFileSync(join(repository, 'deploy', 'docker', 'Dockerfile'), 'utf8');
const compose = read(text);
const containers = Object.entries(compose.services);
const ours = containers.filter(([, container]) => container.build?.target === 'service');
const ONE_SHOT = ['keys', 'streams'];

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

function read(file: string): Compose {
  return parse(file, { merge: true }) as Compose;
}

/** Compose ignores what it does not know, at some versions without a word: a key with a typo protects nothing. */
const KEYS = new Set([
  'image', 'build', 'command', 'restart', 'user', 'read_only', 'cap_drop', 'security_opt', 'depends_on', 'networks', 'network_mode', 'volumes', 'tmpfs', 'environment', 'ports', 'healthcheck', 'shm_size',
]);
const HEALTH_KEYS = new Set(['test', 'interval', 'timeout', 'start_period', 'retries']);
const STEPS: Readonly<Record<string, number>> = { keys: 1, streams: 3 };
/** A name and a version; a name alone, or `latest`, is whatever somebody pushed last. */
const PINNED = /^[\w./-]+:\d+(\.\d+)*(-[\w.-]+)?$/;
const OPEN_SECRET = /(PASSWORD|SECRET|TOKEN|KEK|SEED)=|:[^/@]+@/;

/** Whatever of a compose file and a Dockerfile would not work, or not protect, without an engine to say so. */
function problems(compose: Compose, dockerfile: string): string[] {
  const found = Object.entries(compose.services).flatMap(([name, container]) => problemsOf(container).map((problem) => `${name}: ${problem}`));
  const bases = [...dockerfile.matchAll(/^(?:FROM|ARG NODE_IMAGE=)\s*(\S+)/gm)].map(([, base]) => base!).filter((base) => base !== '${NODE_IMAGE}');
  for (const base of bases) if (!PINNED.test(base)) found.push(`Dockerfile: the image ${base} is not pinned`);
  for (const [target, stage] of [...dockerfile.matchAll(/ AS (service|operator)\n([^]*?)(?=\nFROM |$)/g)].map((match) => [match[1], match[2]!] as const)) {
    if (!/^USER (?!root|0)/m.test(stage)) found.push(`Dockerfile: ${target} runs as root`);
  }
  return found;
}

function problemsOf(container: Container): string[] {
  const { image, build, command = [], user = '', read_only, cap_drop, security_opt, healthcheck, environment, ports } = container;
  const unknown = [...Object.keys(container).filter((key) => !KEYS.has(key)), ...Object.keys(healthcheck ?? {}).filter((key) => !HEALTH_KEYS.has(key))];
  return [
    ...unknown.map((key) => `there is no ${key}`),
    ...(image !== undefined && !PINNED.test(image) ? [`the image ${image} is not pinned`] : []),
    ...(build?.target === 'operator' && STEPS[command[0] ?? ''] !== command.length - 1 ? [`the operator has no step ${command.join(' ')}`] : []),
    ...(read_only === true && cap_drop?.join() === 'ALL' && security_opt?.includes('no-new-privileges:true') && /^[1-9]\d*:[1-9]/.test(user) ? [] : ['it has privileges']),
    ...Object.entries(environment ?? {}).filter(([variable, value]) => OPEN_SECRET.test(`${variable}=${value}`)).map(([variable]) => `${variable} holds a secret`),
    ...(ports ?? []).filter((port) => !port.startsWith('127.0.0.1:')).map((port) => `${port} is open to other machines`),
  ];
}

describe('what is checked without an engine', () => {
  it('is in order', () => expect(problems(compose, dockerfile)).toEqual([]));

  it.each([
    ['a typo', '  bus:\n    image: nats', '  bus:\n    enviroment: {}\n    image: nats', 'bus: there is no enviroment'],
    ['a typo in a health check', 'start_period: 10s', 'startperiod: 10s', 'bus: there is no startperiod'],
    ['an image that moves', 'nats:2.12-alpine', 'nats:latest', 'bus: the image nats:latest is not pinned'],
    ['an image without a version', 'postgres:18-bookworm', 'postgres', 'views: the image postgres is not pinned'],
    ['an unknown step', 'command: [keys, /keys]', 'command: [key, /keys]', 'keys: the operator has no step key /keys'],
    ['root', 'user: "999:999"', 'user: "0:0"', 'views: it has privileges'],
    ['a file system that can be written', 'restart: unless-stopped\n  read_only: true', 'restart: unless-stopped\n  read_only: false', 'vault: it has privileges'],
    ['a password in the environment', 'POSTGRES_PASSWORD_FILE: /run/views/superuser', 'POSTGRES_PASSWORD: secret', 'views: POSTGRES_PASSWORD holds a secret'],
    ['a password in an address', '//interlock_audit@views', '//interlock_audit:secret@views', 'audit: INTERLOCK_VIEWS_URL holds a secret'],
    ['a door to everyone', '"127.0.0.1:${INTERLOCK_API_PORT', '"0.0.0.0:${INTERLOCK_API_PORT', 'api: 0.0.0.0:${INTERLOCK_API_PORT:-8800}:8800 is open to other machines'],
  ])('names %s', (_what, right, wrong, problem) => {
    expect(text).toContain(right);
    expect(problems(read(text.replace(right, wrong)), dockerfile)).toContain(problem);
  });

  it.each([
    ['an image that moves', 'node:24-bookworm-slim', 'node', 'Dockerfile: the image node is not pinned'],
    ['root in a service', 'USER node\nEXPOSE', 'EXPOSE', 'Dockerfile: service runs as root'],
  ])('names %s in the Dockerfile', (_what, right, wrong, problem) => {
    expect(dockerfile).toContain(right);
    expect(problems(compose, dockerfile.replace(right, wrong))).toContain(problem);
  });
});

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
    const listening = Object.entries(environment ?? {}).filter(([variable]) => /_(API|CHATOPS|POSTGRES)_PORT$/.test(variable)).map(([variable, port]) => `127.0.0.1:\${${variable}:-${port}}:${port}`);
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

  it.each(containers.filter(([name]) => !ONE_SHOT.includes(name)))('%s says whether it is healthy', (_name, container) => {
    expect(container.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('publishes the ports that the README names', () => {
    const readme = readFileSync(join(repository, 'README.md'), 'utf8');
    const published = containers.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':').at(-1)!));
    expect(published).toEqual(['8800', '8802', '15432']);
    expect(published.filter((port) => !new RegExp(`(:|-p )${port}\\b`).test(readme))).toEqual([]);
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
    expect(inside).toEqual(expect.arrayContaining(['bus', 'views', 'recorder']));
  });
});
