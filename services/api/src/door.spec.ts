import type { RpcClient, RpcName } from '@interlock/contracts';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { describe, expect, it } from 'vitest';
import { createDoor, type DoorPorts } from './door.js';

interface Call { readonly name: string; readonly request: Record<string, unknown> }

function door(answers: Partial<Record<RpcName, Outcome<unknown>>>, more: Partial<DoorPorts> = {}) {
  const calls: Call[] = [];
  const rpc = { call: async (name: RpcName, request: Record<string, unknown>) => (calls.push({ name, request }), answers[name] ?? refused('unavailable', 'nobody answers')) } as unknown as RpcClient;
  const instance = createDoor({
    rpc, version: '0.0.0', configuration: () => ({}) as never, verify: async (token) => (token === 'good' ? accepted({ issuer: 'demo', subject: 'dba' }) : refused('token_expired', 'The token has expired.')),
    seal: (service, purpose, text) => ({ box: Buffer.from(`${service}|${text}`).toString('base64'), purpose }), open: ({ box }) => ({ ok: true, value: Buffer.from(box, 'base64') }), unready: async () => [], onFault: () => 'fault-1', ...more,
  });
  return { instance, calls };
}

const good = { authorization: 'Bearer good' };

describe('the door', () => {
  it('asks for a token before anything else', async () => {
    const { instance, calls } = door({});
    const response = await instance.inject({ url: '/api/v1/sessions' });
    expect([response.statusCode, response.headers['content-type'], response.json().reason]).toEqual([401, 'application/problem+json; charset=utf-8', 'unauthenticated']);
    expect(calls).toEqual([]);
  });

  it('turns a stranger away at the door', async () => {
    const { instance, calls } = door({});
    const response = await instance.inject({ url: '/api/v1/sessions', headers: { authorization: 'Bearer old' } });
    expect([response.statusCode, response.json().reason]).toEqual([401, 'token_expired']);
    expect(calls).toEqual([]);
  });

  it('does not read what a stranger sends', async () => {
    const { instance } = door({});
    const response = await instance.inject({ method: 'POST', url: '/api/v1/changes', headers: { authorization: 'Bearer old', 'content-type': 'application/json' }, payload: '{ not JSON' });
    expect([response.statusCode, response.json().reason]).toEqual([401, 'token_expired']);
  });

  it('takes no body that the bus would not carry', async () => {
    const { instance, calls } = door({});
    const response = await instance.inject({ method: 'POST', url: '/api/v1/explain', headers: good, payload: { as: 'a', target: 'b', text: 'x'.repeat(1024 * 1024) } });
    expect([response.statusCode, response.json().reason]).toEqual([413, 'body_too_large']);
    expect(calls).toEqual([]);
  });

  it.each(['/api/v1/%zz', `/api/v1/approvals/${'x'.repeat(300)}`])('says what is wrong with an address in its own form: %.20s', async (url) => {
    const { instance } = door({});
    const response = await instance.inject({ url, headers: good });
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
  });

  it('opens what a token stands for, for the person who asked', async () => {
    const { instance, calls } = door({ 'masking.detokenise': accepted({ kind: 'email', value: { box: Buffer.from('ada@example.org').toString('base64'), purpose: 'detokenised' } }) });
    const ask = (payload: object) => instance.inject({ method: 'POST', url: '/api/v1/masking/detokenise', headers: good, payload });
    expect((await ask({ masked: 'email_t1_x', reason: 'ticket 4711' })).json()).toEqual({ kind: 'email', value: 'ada@example.org', encoding: 'utf8' });
    expect(calls[0]?.request).toMatchObject({ masked: 'email_t1_x', reason: 'ticket 4711', token: { purpose: 'token' } });
    expect((await ask({ masked: 'email_t1_x', reason: 'why' })).json()).toMatchObject({ reason: 'request_invalid', detail: expect.stringContaining('a reason that others will understand') });
    expect(calls).toHaveLength(1);
  });

  it('shows bytes that are no text in base64', async () => {
    const { instance } = door({ 'masking.detokenise': accepted({ kind: 'raw', value: { box: Buffer.from([0xff]).toString('base64'), purpose: 'detokenised' } }) });
    expect((await instance.inject({ method: 'POST', url: '/api/v1/masking/detokenise', headers: good, payload: { masked: 'raw_t1_x', reason: 'ticket 4711' } })).json()).toEqual({ kind: 'raw', value: '/w==', encoding: 'base64' });
  });

  it('does not wait for ever for the rest of a request', () => {
    const { server } = door({}).instance;
    expect(server.requestTimeout).toBe(30_000);
    expect(server.headersTimeout).toBe(10_000);
    expect(server.maxConnections).toBe(1_000);
  });

  it('asks the services once for all who ask whether it is ready', async () => {
    let asked = 0;
    const { instance } = door({}, { unready: async () => ((asked += 1), await new Promise((resolve) => setTimeout(resolve, 20)), []) });
    await Promise.all([1, 2, 3, 4].map(() => instance.inject({ url: '/health/ready' })));
    expect(asked).toBe(1);
  });

  it('seals the token to the service behind the route and fills path, query and body', async () => {
    const { instance, calls } = door({ 'approval.vote': accepted({ state: {} }), 'audit.sessions': accepted({ sessions: [] }) });
    await instance.inject({ method: 'POST', url: '/api/v1/approvals/g1/votes', headers: good, payload: { verdict: 'approve', grantDigest: 'd' } });
    await instance.inject({ url: '/api/v1/sessions?principal=agent-etl&limit=5', headers: good });
    expect(calls[0]!.request).toMatchObject({ id: 'g1', verdict: 'approve', grantDigest: 'd', token: { box: Buffer.from('approval|good').toString('base64'), purpose: 'token' } });
    expect(calls[1]!.request).toMatchObject({ principal: 'agent-etl', limit: 5 });
  });

  it('never lets a body set what the path or the header sets', async () => {
    const { instance, calls } = door({ 'approval.vote': accepted({ state: {} }) });
    await instance.inject({ method: 'POST', url: '/api/v1/approvals/g1/votes', headers: good, payload: { verdict: 'deny', grantDigest: 'd', id: 'g2', token: { box: 'x', purpose: 'token' } } });
    expect(calls[0]!.request).toMatchObject({ id: 'g1', token: { box: Buffer.from('approval|good').toString('base64') } });
  });

  it('gives a refusal as a problem with its rule and hint', async () => {
    const { instance } = door({ 'approval.vote': refused('shares_human', 'You own the agent.', { rule: 'needs-dba', hint: 'Ask a DBA.' }) });
    const response = await instance.inject({ method: 'POST', url: '/api/v1/approvals/g1/votes', headers: good, payload: { verdict: 'approve', grantDigest: 'd' } });
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ type: 'urn:interlock:problem:shares_human', rule: 'needs-dba', hint: 'Ask a DBA.' });
  });

  it('names every field that is wrong', async () => {
    const { instance } = door({});
    const response = await instance.inject({ method: 'POST', url: '/api/v1/approvals/g1/votes', headers: good, payload: { verdict: 'maybe' } });
    expect(response.statusCode).toBe(422);
    expect(response.json().detail).toMatch(/verdict.*grantDigest/);
  });

  it('seals a secret to the vault and sends nothing in clear', async () => {
    const { instance, calls } = door({ 'vault.setSecret': accepted({ target: 'shop', kind: 'standing' }) });
    const response = await instance.inject({ method: 'PUT', url: '/api/v1/targets/shop/secret', headers: good, payload: { user: 'u', password: 'hunter22' } });
    expect(response.statusCode).toBe(200);
    expect(JSON.stringify(calls)).not.toContain('hunter22');
    expect(calls[0]!.request).toMatchObject({ target: 'shop', secret: { purpose: 'secret' } });
  });

  it('accepts only the first configuration while there is none', async () => {
    const { instance, calls } = door({ 'policy.propose': accepted({ change: 'c1', status: 'applied', version: 1, summary: [] }) }, { configuration: () => undefined });
    expect((await instance.inject({ method: 'POST', url: '/api/v1/changes', headers: good, payload: { files: [] } })).statusCode).toBe(202);
    expect((await instance.inject({ url: '/api/v1/sessions', headers: good })).json().reason).toBe('not_configured');
    expect(calls.map((call) => call.name)).toEqual(['policy.propose']);
  });

  it('says a fault by its id and nothing of its inside', async () => {
    const { instance } = door({}, { verify: async () => { throw new Error('secret inside'); } });
    const response = await instance.inject({ url: '/api/v1/sessions', headers: good });
    expect(response.statusCode).toBe(500);
    expect(response.body).toContain('fault-1');
    expect(response.body).not.toContain('secret inside');
  });

  it.each([['{"a":', 400], ['x'.repeat(9 * 1024 * 1024), 413]])('keeps standing on a bad body', async (payload, status) => {
    const { instance } = door({});
    const response = await instance.inject({ method: 'POST', url: '/api/v1/changes', headers: { ...good, 'content-type': 'application/json' }, payload });
    expect([response.statusCode, response.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
  });

  it('serves the log, read-only', async () => {
    const { instance } = door({ 'recorder.tile': accepted({ bytes: Buffer.from('origin\n1\n').toString('base64') }) });
    expect((await instance.inject({ url: '/log/checkpoint' })).body).toBe('origin\n1\n');
    expect((await instance.inject({ method: 'POST', url: '/log/checkpoint' })).statusCode).toBe(404);
  });

  it('is ready only when everything behind it is', async () => {
    expect((await door({}).instance.inject({ url: '/health/ready' })).statusCode).toBe(200);
    const waiting = await door({}, { unready: async () => ['vault'] }).instance.inject({ url: '/health/ready' });
    expect([waiting.statusCode, waiting.json().waitingFor]).toEqual([503, ['vault']]);
  });

  it('serves the approval page under a policy that lets it run its own scripts and make no markup out of text', async () => {
    const issuers = [{ name: 'demo', url: 'https://issuer.example/realm', pageClient: 'page' }, { name: 'other', url: 'https://other.example' }];
    const { instance } = door({}, { configuration: () => ({ issuers }) as never });
    const page = await instance.inject({ url: '/' });
    const policy = String(page.headers['content-security-policy']).split('; ');
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self' https://issuer.example", "require-trusted-types-for 'script'", "trusted-types 'none'", "frame-ancestors 'none'"]));
    expect(policy.join()).not.toMatch(/unsafe|other\.example/);
    expect(page.body).not.toMatch(/<script(?![^>]* src=)|\son\w+=|style=/);
    for (const [, file] of page.body.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)) expect((await instance.inject({ url: file! })).statusCode, file).toBe(200);
    expect((await instance.inject({ url: '/page/sign-in.json' })).json()).toEqual({ issuers: [{ name: 'demo', issuer: 'https://issuer.example/realm', clientId: 'page' }] });
    expect((await instance.inject({ url: '/page/..%2f..%2fpackage.json' })).statusCode).toBe(404);
  });

  it('forbids scripts and caching everywhere else', async () => {
    const response = await door({}).instance.inject({ url: '/api/docs' });
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(response.headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  });
});
