import { describe, expect, it } from 'vitest';
import { docsPage } from './docs-page.js';
import { openApiDocument } from './openapi.js';
import { ROUTES } from './routes.js';

interface Described { readonly paths: Record<string, Record<string, { parameters: { name: string; in: string }[]; requestBody?: { content: Record<string, { schema: { properties: Record<string, unknown>; required: string[] } }> }; responses: Record<string, unknown> }>> }

const document = openApiDocument('0.0.0') as unknown as Described;

describe('the API description', () => {
  it('has every route once, the secret, what a token stands for, and the events', () => {
    const operations = Object.values(document.paths).flatMap((operationsOfPath) => Object.keys(operationsOfPath));
    expect(operations.length).toBe(ROUTES.length + 3);
  });

  it('never asks for the token in the body', () => {
    expect(JSON.stringify(document.paths)).not.toContain('"token":');
  });

  it('puts a path field in the path and the rest in the body', () => {
    const vote = document.paths['/approvals/{id}/votes']!.post!;
    expect(vote.parameters.map((parameter) => `${parameter.in} ${parameter.name}`)).toEqual(['path id']);
    expect(vote.requestBody!.content['application/json']!.schema.required.sort()).toEqual(['grantDigest', 'verdict']);
  });

  it('describes a success and a problem for every operation', () => {
    for (const operation of Object.values(document.paths).flatMap((operationsOfPath) => Object.values(operationsOfPath))) {
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', 'default']));
    }
  });

  it('is shown as a page without scripts', () => {
    const page = docsPage(openApiDocument('0.0.0'));
    expect(page).toContain('/approvals/{id}/votes');
    expect(page).not.toMatch(/<script/i);
  });
});
