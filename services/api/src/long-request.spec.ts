import { accepted, refused } from '@interlock/kernel';
import type { RpcClient, RpcName } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { askForLong } from './long-request.js';

/** A service that works until `done`, and whose health answers `runs` in turn, the last one again and again. */
function service(runs: readonly (string | undefined)[], done: Promise<unknown> = new Promise(() => undefined)) {
  let looks = 0;
  const rpc = { call: async (name: RpcName) => {
    if (name !== 'audit.health') return accepted(await done);
    const run = runs[Math.min(looks, runs.length - 1)];
    looks += 1;
    return run === undefined ? refused('unavailable', 'nobody answers') : accepted({ ok: true, checks: [], run });
  } } as unknown as RpcClient;
  return { rpc, looks: () => looks };
}

const ask = (rpc: RpcClient) => askForLong(rpc, 'audit.verify', { token: { box: '', purpose: '' } } as never, { timeoutMs: 60_000, lookEveryMs: 10, silentMs: 100 });

describe('work that takes long', () => {
  it('is waited for while its service lives, also when that does not answer for a moment', async () => {
    let finish = (_report: unknown): void => undefined;
    const { rpc, looks } = service(['a', 'a', undefined, undefined, 'a'], new Promise((resolve) => { finish = resolve; }));
    const asked = ask(rpc);
    while (looks() < 8) await new Promise((resolve) => setTimeout(resolve, 5));
    finish('report');
    expect(await asked).toEqual(accepted('report'));
    const before = looks();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(looks()).toBe(before);
  });

  it('is given up when its service was started anew', async () => {
    expect(await ask(service(['a', 'a', undefined, 'b']).rpc)).toMatchObject({ refusal: { reason: 'unavailable', detail: 'The service audit was started anew while audit.verify was at work.', retryable: true } });
  });

  it('is given up when its service stays silent', async () => {
    expect(await ask(service(['a', undefined]).rpc)).toMatchObject({ refusal: { reason: 'unavailable', detail: expect.stringContaining('has not answered') as string } });
  });
});
