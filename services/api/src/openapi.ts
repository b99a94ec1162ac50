import { RPC } from '@interlock/contracts';
import { z } from 'zod';
import { Detokenised, DetokeniseBody } from './detokenised.js';
import { DETOKENISE_ROUTE, ROUTES, SECRET_ROUTE, type Route } from './routes.js';
import { SecretBody } from './secret.js';

type JsonSchema = Record<string, unknown>;

const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object', required: ['type', 'title', 'status', 'detail', 'reason'],
  properties: {
    type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' },
    reason: { type: 'string', description: 'Stable name of the refusal' }, rule: { type: 'string' }, hint: { type: 'string', description: 'What to do next' }, retryable: { type: 'boolean' },
  },
};

/** The API's description (OpenAPI 3.1.1), made from the same table that serves it, so the two cannot differ. */
export function openApiDocument(version: string): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) place(paths, route.path, route.method, operation(route));
  place(paths, '/approvals/events', 'GET', eventsOperation());
  place(paths, SECRET_ROUTE.path, SECRET_ROUTE.method, secretOperation());
  place(paths, DETOKENISE_ROUTE.path, DETOKENISE_ROUTE.method, detokeniseOperation());
  return {
    openapi: '3.1.1',
    info: { title: 'Interlock', version, description: 'The door for people: approvals, sessions, evidence, configuration, targets and locks.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }],
    tags: [...new Set(ROUTES.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token of an issuer named in the configuration' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

function place(paths: Record<string, Record<string, unknown>>, path: string, method: string, description: JsonSchema): void {
  (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {})[method.toLowerCase()] = description;
}

function operation(route: Route): JsonSchema {
  const request = jsonSchema(RPC[route.rpc].request, 'input');
  const properties = (request.properties ?? {}) as Record<string, JsonSchema>;
  const inPath = pathFields(route.path);
  const inQuery = (route.query ?? []) as readonly string[];
  const inBody = Object.keys(properties).filter((name) => name !== 'token' && !inPath.includes(name) && !inQuery.includes(name));
  const required = (request.required ?? []) as string[];
  return {
    operationId: route.rpc, tags: [route.tag], summary: route.summary, description: `Requires: ${route.requires}.`,
    parameters: [
      ...inPath.map((name) => ({ name, in: 'path', required: true, schema: properties[name] ?? { type: 'string' } })),
      ...inQuery.map((name) => ({ name, in: 'query', required: required.includes(name), schema: properties[name] })),
    ],
    ...(inBody.length > 0 && { requestBody: jsonBody({ type: 'object', additionalProperties: false, properties: pick(properties, inBody), required: required.filter((name) => inBody.includes(name)) }) }),
    responses: responses(route.success ?? 200, jsonSchema(RPC[route.rpc].response, 'output')),
  };
}

function secretOperation(): JsonSchema {
  return {
    operationId: 'vault.setSecret', tags: [SECRET_ROUTE.tag], summary: SECRET_ROUTE.summary, description: `Requires: ${SECRET_ROUTE.requires}. Sealed to the vault on arrival; no answer ever holds it.`,
    parameters: [{ name: 'target', in: 'path', required: true, schema: { type: 'string' } }],
    requestBody: jsonBody(jsonSchema(SecretBody, 'input')),
    responses: responses(200, jsonSchema(RPC['vault.setSecret'].response, 'output')),
  };
}

function detokeniseOperation(): JsonSchema {
  return {
    operationId: 'masking.detokenise', tags: [DETOKENISE_ROUTE.tag], summary: DETOKENISE_ROUTE.summary, description: `Requires: ${DETOKENISE_ROUTE.requires}. Thirty an hour.`,
    requestBody: jsonBody(jsonSchema(DetokeniseBody, 'input')),
    responses: responses(200, jsonSchema(Detokenised, 'output')),
  };
}

function eventsOperation(): JsonSchema {
  const { 200: _answer, ...refusals } = responses(200, {});
  return {
    operationId: 'approval.changes', tags: ['approvals'], summary: 'What becomes of approvals, as it happens', description: 'Requires: a human. Server-sent events: `open` (load the list now), `approval` (its state, as the list shows it; of several steps at once the last), `end` (a refusal; the token expired or a lock stands). Comments keep the connection alive.',
    parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string', pattern: '^[0-9]{1,15}$' }, description: 'The id heard last; what came since is told first' }],
    responses: { 200: { description: 'A stream until one of the two ends it', content: { 'text/event-stream': { schema: { type: 'string' } } } }, ...refusals },
  };
}

function responses(success: number, schema: JsonSchema): JsonSchema {
  const refused = (description: string): JsonSchema => ({ description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });
  return { [success]: { description: 'Done', content: { 'application/json': { schema } } }, 401: refused('No valid token'), 403: refused('Refused, with the reason'), default: refused('Any other refusal or fault') };
}

function jsonBody(schema: JsonSchema): JsonSchema {
  return { required: true, content: { 'application/json': { schema } } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

export function pathFields(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
}

function pick(from: Record<string, JsonSchema>, names: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(names.map((name) => [name, from[name]!]));
}
