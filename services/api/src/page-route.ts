import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '@interlock/contracts';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** What was written by hand, and what the compiler made; both lie at the same place seen from sources and from the compiled service. */
const ASSETS = new URL('../src/page/', import.meta.url);
const SCRIPTS = new URL('../dist/page/', import.meta.url);

interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * The approval page: its files, read once at start, and how people sign in. Its policy lets it run its own scripts only, talk to this door and to issuers of the
 * configuration only, and make no markup out of text (Trusted Types without any policy).
 */
export function servePage(door: FastifyInstance, configuration: () => Configuration | undefined): void {
  const send = (reply: FastifyReply, { type, bytes }: PageFile): FastifyReply => reply.header('content-security-policy', pagePolicy(configuration())).type(type).send(bytes);
  const files = pageFiles();
  const index = files.get('index.html')!;
  door.get('/', (_request, reply) => send(reply, index));
  for (const [name, file] of files) if (name !== 'index.html') door.get(`/page/${name}`, (_request, reply) => send(reply, file));
  door.get('/page/sign-in.json', (_request, reply) => reply.send({ issuers: signInIssuers(configuration()) }));
}

function pageFiles(): ReadonlyMap<string, PageFile> {
  const read = (folder: URL, name: string, type: string): [string, PageFile] => [name, { type: `${type}; charset=utf-8`, bytes: readFileSync(new URL(name, folder)) }];
  const scripts = readdirSync(fileURLToPath(SCRIPTS)).filter((name) => name.endsWith('.js'));
  return new Map([read(ASSETS, 'index.html', 'text/html'), read(ASSETS, 'page.css', 'text/css'), ...scripts.map((name) => read(SCRIPTS, name, 'text/javascript'))]);
}

function signInIssuers(configuration: Configuration | undefined): readonly { readonly name: string; readonly issuer: string; readonly clientId: string }[] {
  return (configuration?.issuers ?? []).flatMap(({ name, url, pageClient }) => (pageClient === undefined ? [] : [{ name, issuer: url, clientId: pageClient }]));
}

function pagePolicy(configuration: Configuration | undefined): string {
  const origins = new Set(signInIssuers(configuration).map(({ issuer }) => new URL(issuer).origin));
  return [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", 'img-src data:', `connect-src ${["'self'", ...origins].join(' ')}`,
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].join('; ');
}
