import { join } from 'node:path';
import type { ServiceName } from '../services.js';
import type { Ports } from '../settings.js';
import type { LocalTls } from '../tls/authority.js';
import type { Layout } from './layout.js';

export interface EnvironmentFacts {
  readonly layout: Layout;
  readonly ports: Ports;
  readonly tls: LocalTls;
  readonly viewsUrl: string;
  /** What the supervisor was started with: PATH, log level, traces. */
  readonly inherited: NodeJS.ProcessEnv;
}

/** The environment of a process that hosts these services: what all need, and what only these may know. */
export function hostEnvironment(names: readonly ServiceName[], facts: EnvironmentFacts): NodeJS.ProcessEnv {
  const { layout, ports, inherited } = facts;
  const everyone = {
    NODE_ENV: 'production', INTERLOCK_NATS_URL: `nats://127.0.0.1:${ports.nats}`, INTERLOCK_KEYS_DIR: layout.keys, INTERLOCK_STATE_DIR: layout.services,
  };
  return Object.assign(passedOn(inherited), everyone, ...names.map((name) => own(name, facts)));
}

/** Variables of Interlock that a start may set for its services; the others are the supervisor's to say. */
export const PASSED_ON: ReadonlySet<string> = new Set(['INTERLOCK_LOG_LEVEL', 'INTERLOCK_DEV_UNSYNCED', 'INTERLOCK_POSTGRES_CLEAR_LOOPBACK', 'INTERLOCK_POSTGRES_CONNECTIONS', 'INTERLOCK_SEAL_EVERY_MS', 'INTERLOCK_SEAL_LEAVES', 'INTERLOCK_CHATOPS_PORT']);

function passedOn(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(inherited).filter(([name]) => !name.startsWith('INTERLOCK_') || PASSED_ON.has(name)));
}

function own(name: ServiceName, { layout, ports, tls, viewsUrl }: EnvironmentFacts): NodeJS.ProcessEnv {
  switch (name) {
    case 'api': return { INTERLOCK_API_HOST: '127.0.0.1', INTERLOCK_API_PORT: String(ports.api) };
    case 'audit': return { INTERLOCK_VIEWS_URL: viewsUrl };
    case 'vault': return { INTERLOCK_VAULT_KEK_FILE: join(layout.secrets, 'vault.kek'), INTERLOCK_SIGNING_ORIGINS: `http://localhost:${ports.api}` };
    case 'recorder': return { INTERLOCK_RECORDER_KEK_FILE: join(layout.secrets, 'recorder.kek') };
    case 'connector-postgres': return {
      INTERLOCK_POSTGRES_HOST: '127.0.0.1', INTERLOCK_POSTGRES_PORT: String(ports.connector),
      INTERLOCK_POSTGRES_TLS_CERT: tls.certificateFile, INTERLOCK_POSTGRES_TLS_KEY: tls.keyFile,
    };
    case 'approval': return { INTERLOCK_APPROVAL_SECRETS_DIR: join(layout.secrets, 'chat', name) };
    case 'chatops': return { INTERLOCK_CHATOPS_SECRETS_DIR: join(layout.secrets, 'chat', name) };
    case 'masking': return { INTERLOCK_MASKING_KEK_FILE: join(layout.secrets, 'masking.kek') };
    case 'identity': case 'policy': return {};
  }
}
