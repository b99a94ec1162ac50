import { RPC, type Configuration, type RpcClient, type RpcName, type RpcRequest, type SealedBox } from '@interlock/contracts';
import { refused, type Outcome, type Refusal } from '@interlock/kernel';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { detokenised, DetokeniseBody } from './detokenised.js';
import { docsPage } from './docs-page.js';
import { serveEvents } from './events-route.js';
import { askForLong } from './long-request.js';
import { openApiDocument } from './openapi.js';
import { servePage } from './page-route.js';
import { problem, problemOf, PROBLEM_TYPE } from './problem.js';
import { DETOKENISE_ROUTE, ROUTES, SECRET_ROUTE, type Route } from './routes.js';
import { SecretBody } from './secret.js';

/** Largest request body. A message of the bus has 1 MiB, and the sealed token goes with it. */
const BODY_MAX_BYTES = 900 * 1024;
/** How long a client may take over its request; what the answer takes is not counted. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
/** The process behind the door has other connections to keep. */
const CONNECTIONS_MAX = 1_000;
const LOG_PATH_MAX_CHARACTERS = 200;

/** Whose token it is. */
export interface TokenOwner {
  readonly issuer: string;
  readonly subject: string;
}

export interface DoorPorts {
  readonly rpc: RpcClient;
  readonly version: string;
  /** The configuration in force; undefined before the first. */
  configuration(): Configuration | undefined;
  /** Checks a token at the door, so that a stranger costs no service anything. The service behind checks it again. */
  verify(token: string): Promise<Outcome<TokenOwner>>;
  /** A box only that service can open. */
  seal(service: string, purpose: string, text: string): SealedBox;
  /** What was sealed to this door. */
  open(box: SealedBox, purpose: string): Outcome<Buffer>;
  /** What is not ready, by name; empty when everything is. */
  unready(): Promise<readonly string[]>;
  onFault(fault: unknown): string;
}

/** The one HTTP door for people: every route of {@link ROUTES}, the API's description, the log's tiles and health. */
export function createDoor(ports: DoorPorts): FastifyInstance {
  const door = Fastify({
    bodyLimit: BODY_MAX_BYTES, requestTimeout: REQUEST_MS, http: { headersTimeout: HEADERS_MS }, logger: false, trustProxy: false, routerOptions: { maxParamLength: LOG_PATH_MAX_CHARACTERS },
    frameworkErrors: (error, _request, reply) => void sendFault(ports, reply.headers(SAFE_HEADERS), error),
  });
  door.server.maxConnections = CONNECTIONS_MAX;
  door.addHook('onSend', async (_request, reply) => void reply.headers({ ...SAFE_HEADERS, ...ownPolicy(reply) }));
  door.setErrorHandler((error, _request, reply) => sendFault(ports, reply, error));
  door.setNotFoundHandler((request, reply) => send(reply, refused('route_not_found', `There is no ${request.method} ${request.url}.`, { hint: 'See /api/docs.' })));
  for (const route of ROUTES) {
    door.route({ method: route.method, url: `/api/v1${route.path}`, onRequest: admit(ports, route.beforeBootstrap === true), handler: (request, reply) => serve(ports, route, request, reply) });
  }
  door.route({ method: SECRET_ROUTE.method, url: `/api/v1${SECRET_ROUTE.path}`, onRequest: admit(ports, false), handler: (request, reply) => serveSecret(ports, request, reply) });
  door.route({ method: DETOKENISE_ROUTE.method, url: `/api/v1${DETOKENISE_ROUTE.path}`, onRequest: admit(ports, false), handler: (request, reply) => serveDetokenised(ports, request, reply) });
  serveEvents(door, { rpc: ports.rpc, onRequest: admit(ports, false), readerOf: (request) => ({ owner: ownerOf(request), token: ports.seal('approval', 'token', tokenOf(request)) }), send, headers: SAFE_HEADERS });
  servePage(door, () => ports.configuration());
  serveDescription(door, ports.version);
  serveLog(door, ports);
  serveHealth(door, ports);
  return door;
}

const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The page says itself what it may do; everything else may do nothing. */
function ownPolicy(reply: FastifyReply): object {
  const policy = reply.getHeader('content-security-policy');
  return policy === undefined ? {} : { 'content-security-policy': policy };
}

/** Who was let in, and with which token; before the first configuration nobody is known. */
interface Admitted {
  readonly token: string;
  readonly owner?: TokenOwner;
}

const ADMITTED = new WeakMap<FastifyRequest, Admitted>();

/** Lets a request in before its body is read: what a stranger sends is not even looked at. */
function admit(ports: DoorPorts, beforeBootstrap: boolean) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> => {
    const found = await admitted(ports, request, beforeBootstrap);
    if (!found.ok) return send(reply, found);
    ADMITTED.set(request, found.value);
  };
}

function tokenOf(request: FastifyRequest): string {
  return admittedBy(request).token;
}

function ownerOf(request: FastifyRequest): string {
  const { owner } = admittedBy(request);
  return JSON.stringify([owner?.issuer, owner?.subject]);
}

function admittedBy(request: FastifyRequest): Admitted {
  const found = ADMITTED.get(request);
  if (!found) throw new Error('a request was served that nobody let in');
  return found;
}

async function serve(ports: DoorPorts, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const service = route.rpc.split('.')[0]!;
  const fields = { ...bodyOf(request), ...queryOf(route, request), ...(request.params as object), token: ports.seal(service, 'token', tokenOf(request)) };
  const parsed = RPC[route.rpc].request.safeParse(fields);
  if (!parsed.success) return sendInvalid(reply, parsed.error.issues);
  const asked = parsed.data as RpcRequest<RpcName>;
  const answer = await (route.timeoutMs === undefined ? ports.rpc.call(route.rpc, asked) : askForLong(ports.rpc, route.rpc, asked, { timeoutMs: route.timeoutMs }));
  return send(reply, answer, route.success);
}

async function serveSecret(ports: DoorPorts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = SecretBody.safeParse(request.body);
  if (!body.success) return sendInvalid(reply, body.error.issues);
  const { kind, ...credential } = body.data;
  const { target } = request.params as { target: string };
  return send(reply, await ports.rpc.call('vault.setSecret', {
    token: ports.seal('vault', 'token', tokenOf(request)), target, kind, secret: ports.seal('vault', 'secret', JSON.stringify(credential)),
  }));
}

async function serveDetokenised(ports: DoorPorts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = DetokeniseBody.safeParse(request.body);
  if (!body.success) return sendInvalid(reply, body.error.issues);
  const answer = await ports.rpc.call('masking.detokenise', { ...body.data, token: ports.seal('masking', 'token', tokenOf(request)) });
  if (!answer.ok) return send(reply, answer);
  const opened = ports.open(answer.value.value, 'detokenised');
  return send(reply, opened.ok ? { ok: true, value: detokenised(answer.value.kind, opened.value) } : opened);
}

/** The bearer token, where the door knows its issuer and finds it good. */
async function admitted(ports: DoorPorts, request: FastifyRequest, beforeBootstrap: boolean): Promise<Outcome<Admitted>> {
  const token = /^Bearer ([\w.~+/-]+=*)$/.exec(request.headers.authorization ?? '')?.[1];
  if (!token) return refused('unauthenticated', 'The request carries no bearer token.', { hint: 'Send `Authorization: Bearer <access token>`; `interlock login` obtains one.' });
  if (!ports.configuration()) {
    return beforeBootstrap ? { ok: true, value: { token } } : refused('not_configured', 'This installation has no configuration yet.', { hint: 'Run `interlock apply` with the first one.', retryable: true });
  }
  const verified = await ports.verify(token);
  return verified.ok ? { ok: true, value: { token, owner: verified.value } } : verified;
}

function bodyOf(request: FastifyRequest): object {
  return typeof request.body === 'object' && request.body !== null && !Array.isArray(request.body) ? request.body : {};
}

/** Query values are text; a field that is a number in the contract is read as one. */
function queryOf(route: Route, request: FastifyRequest): Record<string, unknown> {
  const query = request.query as Record<string, string | undefined>;
  return Object.fromEntries(((route.query ?? []) as readonly string[]).filter((name) => query[name] !== undefined)
    .map((name) => [name, /^-?\d{1,15}$/.test(query[name]!) && name !== 'before' ? Number(query[name]) : query[name]]));
}

function send(reply: FastifyReply, outcome: Outcome<unknown>, success = 200): FastifyReply {
  if (outcome.ok) return reply.code(success).send(outcome.value);
  const refusal = problemOf(outcome.refusal);
  if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.code(refusal.status).type(PROBLEM_TYPE).send(refusal);
}

function sendInvalid(reply: FastifyReply, issues: readonly { readonly path: PropertyKey[]; readonly message: string }[]): FastifyReply {
  const detail = issues.slice(0, 10).map((issue) => `${issue.path.map(String).join('.') || 'request'}: ${issue.message}`).join('; ');
  return send(reply, refused('request_invalid', `The request is not valid: ${detail}.`, { hint: 'See /api/docs for this route.' }));
}

/** Errors of the HTTP library about the request are the caller's; anything else is ours, named by an id and told to nobody. */
function sendFault(ports: DoorPorts, reply: FastifyReply, error: unknown): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const refusal: Refusal = status < 500
    ? { reason: status === 413 ? 'body_too_large' : 'body_unreadable', detail: (error as Error).message }
    : { reason: 'internal_fault', detail: `A fault was recorded as ${ports.onFault(error)}.`, retryable: true };
  return reply.code(status).type(PROBLEM_TYPE).send(problem(status, refusal));
}

function serveDescription(door: FastifyInstance, version: string): void {
  const document = openApiDocument(version);
  const page = docsPage(document);
  door.get('/api/openapi.json', (_request, reply) => reply.send(document));
  door.get('/api/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
}

/** The log's files in the C2SP layout, read-only and public by design: they hold hashes and pseudonymous metadata. */
function serveLog(door: FastifyInstance, ports: DoorPorts): void {
  door.get('/log/*', async (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    if (path.length > LOG_PATH_MAX_CHARACTERS) return send(reply, refused('not_found', 'There is no such file in the log.'));
    const answer = await ports.rpc.call('recorder.tile', { path });
    if (!answer.ok) return send(reply, answer);
    const type = path === 'checkpoint' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
    return reply.type(type).send(Buffer.from(answer.value.bytes, 'base64'));
  });
}

function serveHealth(door: FastifyInstance, ports: DoorPorts): void {
  let asking: Promise<readonly string[]> | undefined;
  door.get('/health/live', (_request, reply) => reply.send({ status: 'live' }));
  door.get('/health/ready', async (_request, reply) => {
    asking ??= ports.unready().finally(() => (asking = undefined));
    const unready = await asking;
    return reply.code(unready.length === 0 ? 200 : 503).send({ status: unready.length === 0 ? 'ready' : 'not ready', waitingFor: unready });
  });
}
