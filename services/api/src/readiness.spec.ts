import type { RpcClient, RpcName } from '@interlock/contracts';
import { accepted, refused } from '@interlock/kernel';
import { describe, expect, it } from 'vitest';
import { unreadyServices } from './readiness.js';

/** Every service is well but these. */
function rpcWith(away: readonly string[]): RpcClient {
  return { call: async (name: RpcName) => (away.includes(name) ? refused('unavailable', 'no answer') : accepted({ ok: true, checks: [] })) } as unknown as RpcClient;
}

describe('what the door waits for', () => {
  it('is every service that it serves by', async () => {
    expect(await unreadyServices(rpcWith([]))).toEqual([]);
    expect(await unreadyServices(rpcWith(['approval.health', 'vault.health']))).toEqual(['approval: no answer', 'vault: no answer']);
  });

  it('is not chat', async () => expect(await unreadyServices(rpcWith(['chatops.health']))).toEqual([]));
});
