import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, EXIT } from './exit.js';

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
    api: addressFrom('INTERLOCK_API', env.INTERLOCK_API ?? `http://127.0.0.1:${env.INTERLOCK_API_PORT ?? rememberedPort(stateDir) ?? USUAL_PORT}`),
    token: env.INTERLOCK_TOKEN,
    loginFile: join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'interlock', 'login.json'),
    stateDir,
  };
}

/** An address without its last slash. @throws CliError when it is none. */
export function addressFrom(name: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new CliError(EXIT.usage, `${name} is no address: ${text}`, 'It looks like http://127.0.0.1:8800 or https://interlock.example.');
  return text.replace(/\/$/, '');
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

/** What `login` kept; undefined when it kept nothing. @throws CliError for one that is over, or no login at all. */
export function readLogin({ loginFile }: Settings, nowMs = Date.now()): Login | undefined {
  if (!existsSync(loginFile)) return undefined;
  const login = parsedLogin(readFileSync(loginFile, 'utf8'));
  if (!login) throw new CliError(EXIT.unauthenticated, `${loginFile} holds no login.`, 'Run `interlock login --issuer URL` again; it writes the file anew.');
  if (Date.parse(login.expiresAt) <= nowMs) throw new CliError(EXIT.unauthenticated, `Your login ended at ${login.expiresAt}.`, `Run \`interlock login --issuer ${login.issuer}\` again.`);
  return login;
}

function parsedLogin(text: string): Login | undefined {
  try {
    const { issuer, token, expiresAt } = JSON.parse(text) as Partial<Login>;
    return typeof issuer === 'string' && typeof token === 'string' && typeof expiresAt === 'string' ? { issuer, token, expiresAt } : undefined;
  } catch {
    return undefined;
  }
}

/** Written beside and renamed, so that nobody else can read the token at any moment, whatever the file's mode was. */
export function writeLogin(settings: Settings, login: Login): void {
  mkdirSync(dirname(settings.loginFile), { recursive: true, mode: 0o700 });
  const beside = `${settings.loginFile}.${process.pid}`;
  rmSync(beside, { force: true });
  writeFileSync(beside, JSON.stringify(login, null, 2), { mode: 0o600, flag: 'wx' });
  renameSync(beside, settings.loginFile);
}

function findUpwards(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return join(folder, name);
    if (folder === dirname(folder)) return undefined;
  }
}
