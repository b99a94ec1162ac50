import { CliError, EXIT } from './exit.js';

export type Json = Readonly<Record<string, unknown>>;

const ANSWER_MS = 10_000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function getJson(url: string): Promise<Json> {
  return ask(url, {});
}

export function postForm(url: string, form: Record<string, string>): Promise<Json> {
  return ask(url, { method: 'POST', body: new URLSearchParams(form) });
}

/** Codes, secrets and tokens travel here: never in clear over a network, and never on to where an answer points. */
async function ask(url: string, init: RequestInit): Promise<Json> {
  refuseInClear(url);
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    throw new CliError(EXIT.unavailable, `The issuer does not answer at ${url}.`, 'Is it running? `npm start` runs the demonstration issuer.');
  }
  try {
    return (await response.json()) as Json;
  } catch {
    throw new CliError(EXIT.unavailable, `${url} answered ${response.status} and no JSON.`);
  }
}

function refuseInClear(url: string): void {
  const { protocol, hostname } = URL.parse(url) ?? {};
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname ?? ''))) return;
  throw new CliError(EXIT.refused, `${url} is no address of an issuer that can be trusted.`, 'It begins with https://; http:// is for issuers on this machine only.');
}
