import type { RpcName, RpcResponse } from '@interlock/contracts';
import { demonstrationToken } from './issuer.js';
import { CliError, EXIT } from './exit.js';
import { readLogin, type Settings } from './settings.js';

interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly reason: string;
  readonly rule?: string;
  readonly hint?: string;
}

const ADDRESS_HINT = 'INTERLOCK_API or --api names its address; it ends before /api.';
/** What a bearer token is made of (RFC 6750). */
const BEARER = /^[\w.~+/-]+=*$/;
const ANSWER_MS = 11 * 60_000;

/** Speaks to the API as one principal. A route answers what the request between services behind it does; `N` names that one. */
export class ApiClient {
  constructor(private readonly settings: Settings, private readonly tokenOf: string | undefined) {}

  async get<N extends RpcName>(path: string, query: Record<string, string | number | undefined> = {}): Promise<RpcResponse<N>> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
    return this.send<N>('GET', given.size > 0 ? `${path}?${given.toString()}` : path);
  }

  send<N extends RpcName>(method: string, path: string, body?: unknown): Promise<RpcResponse<N>> {
    return this.ask<RpcResponse<N>>(method, path, body);
  }

  /** The same, of a route that answers otherwise than the request behind it. */
  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.reach(method, path, body);
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw errorOf(response.status, answer as Problem | undefined);
    if (typeof answer !== 'object' || answer === null) throw new CliError(EXIT.unavailable, `What answers at ${this.settings.api} is not Interlock's API.`, ADDRESS_HINT);
    return answer as Answer;
  }

  /** A file of the log, which everyone may read; undefined where there is none. */
  async logFile(path: string): Promise<Buffer | undefined> {
    const response = await this.fetched(`/log/${path}`, {});
    if (response.status === 404) return undefined;
    if (!response.ok) throw new CliError(EXIT.unavailable, `The log did not give ${path} (${response.status}).`);
    return Buffer.from(await response.arrayBuffer());
  }

  private async reach(method: string, path: string, body: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${await this.token()}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
    return this.fetched(`/api/v1${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  private async fetched(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.settings.api}${path}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
    } catch {
      throw new CliError(EXIT.unavailable, `Interlock does not answer at ${this.settings.api}.`, 'Is it running? INTERLOCK_API or --api names its address.');
    }
  }

  /** `--token-of` (a demonstration principal), else INTERLOCK_TOKEN, else what `login` kept. */
  private async token(): Promise<string> {
    if (this.tokenOf) return demonstrationToken(this.settings, this.tokenOf);
    const { token: given } = this.settings;
    if (given && !BEARER.test(given)) throw new CliError(EXIT.unauthenticated, 'INTERLOCK_TOKEN holds no token: it has characters that none has.', 'Set it to the access token exactly as the issuer gave it, in one line.');
    const token = given ?? readLogin(this.settings)?.token;
    if (!token) throw new CliError(EXIT.unauthenticated, 'You are not logged in.', 'Run `interlock login --issuer URL`, set INTERLOCK_TOKEN, or in the demonstration use --token-of NAME.');
    return token;
  }
}

function errorOf(status: number, problem: Problem | undefined): CliError {
  const code = status === 401 ? EXIT.unauthenticated : status >= 500 ? EXIT.unavailable : EXIT.refused;
  if (!problem?.detail) return new CliError(code, `The answer was ${status}, and not one of Interlock's API.`, ADDRESS_HINT);
  const rule = problem.rule ? ` (rule ${problem.rule})` : '';
  return new CliError(code, `${problem.detail}${rule}`, problem.hint, problem);
}
