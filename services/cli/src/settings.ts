import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The environment as the program reads it, once. */
export interface Settings {
  readonly api: string;
  readonly token: string | undefined;
  /** Where `login` keeps its token. */
  readonly loginFile: string;
  /** State of the one-machine shape, where the demonstration's principals are. */
  readonly stateDir: string;
}

const USUAL_PORT = 8800;

export function settingsFrom(env: NodeJS.ProcessEnv, cwd: string): Settings {
  const stateDir = env.INTERLOCK_STATE_DIR ?? findUpwards('.interlock', cwd) ?? join(dirname(dirname(dirname(import.meta.dirname))), '.interlock');
  return {
    api: (env.INTERLOCK_API ?? `http://127.0.0.1:${env.INTERLOCK_API_PORT ?? rememberedPort(stateDir) ?? USUAL_PORT}`).replace(/\/$/, ''),
    token: env.INTERLOCK_TOKEN,
    loginFile: join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'interlock', 'login.json'),
    stateDir,
  };
}

/** Where the installation of this state folder listens: `npm start` notes its ports there. */
function rememberedPort(stateDir: string): number | undefined {
  try {
    const { api } = JSON.parse(readFileSync(join(stateDir, 'ports.json'), 'utf8')) as { api?: unknown };
    return typeof api === 'number' ? api : undefined;
  } catch {
    return undefined;
  }
}

export interface Login {
  readonly issuer: string;
  readonly token: string;
  readonly expiresAt: string;
}

export function readLogin(settings: Settings): Login | undefined {
  return existsSync(settings.loginFile) ? (JSON.parse(readFileSync(settings.loginFile, 'utf8')) as Login) : undefined;
}

export function writeLogin(settings: Settings, login: Login): void {
  mkdirSync(dirname(settings.loginFile), { recursive: true, mode: 0o700 });
  writeFileSync(settings.loginFile, JSON.stringify(login, null, 2), { mode: 0o600 });
  chmodSync(settings.loginFile, 0o600);
}

function findUpwards(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return join(folder, name);
    if (folder === dirname(folder)) return undefined;
  }
}
