import { describe, expect, it } from 'vitest';
import { KeyRing } from '@interlock/adapter-tokens';
import type { RpcClient, SealedBox } from '@interlock/contracts';
import { accepted, refused } from '@interlock/kernel';
import { REFRESH_MS, RETRY_MS, TokenKeyBook } from './token-key-book.js';

const NEEDLE = Buffer.alloc(32, 7).toString('base64');

/** A masking service that has `versions` keys of every kind, or none. */
function book() {
  const world = { nowMs: 0, versions: 1, given: undefined as string | undefined, asked: [] as (readonly string[])[], warned: [] as unknown[] };
  const rpc = {
    call: async (_name: string, { kinds }: { kinds: readonly string[] }) => {
      world.asked.push(kinds);
      if (world.versions === 0) return refused('unavailable', 'masking did not answer.', { retryable: true });
      const keys = kinds.flatMap((kind) => Array.from({ length: world.versions }, (_, index) => ({ tenant: 'default', kind, version: index + 1, key: NEEDLE })));
      return accepted({ keys: { box: world.given ?? JSON.stringify(keys), purpose: 'token-keys' } });
    },
  } as unknown as RpcClient;
  const open = ({ box, purpose }: SealedBox, expected: string) => (purpose === expected ? accepted(Buffer.from(box)) : refused('box_purpose', 'no'));
  const keys = new TokenKeyBook({
    rpc, connector: 'connector-postgres', nowMs: () => world.nowMs, seals: { open }, logger: { warn: (...line) => void world.warned.push(line) },
    ringOf: (released) => new KeyRing(released.map((one) => ({ ...one, key: Buffer.from(one.key, 'base64') }))),
  });
  return { world, keys };
}

describe('keys of tokens', () => {
  it('are asked for once, and waited for', async () => {
    const { world, keys } = book();
    expect(keys.newest('email')).toBeUndefined();
    await Promise.all([keys.ready(['email']), keys.ready(['email'])]);
    expect(keys.newest('email')?.version).toBe(1);
    expect(keys.ready(['email'])).toBeUndefined();
    expect(world.asked).toEqual([['email']]);
  });

  it('are refreshed behind the back of those who have one', async () => {
    const { world, keys } = book();
    await keys.ready(['email']);
    world.versions = 2;
    world.nowMs = REFRESH_MS;
    expect(keys.ready(['email'])).toBeUndefined();
    await keys.ready(['card']);
    expect(keys.newest('email')?.version).toBe(2);
    expect(keys.of('email', 1)?.version).toBe(1);
  });

  it('that do not come are not there, and are asked for again after a while', async () => {
    const { world, keys } = book();
    world.versions = 0;
    await keys.ready(['email']);
    expect(keys.newest('email')).toBeUndefined();
    expect(world.warned).toHaveLength(1);
    await keys.ready(['email']);
    expect(world.asked).toHaveLength(1);
    world.versions = 1;
    world.nowMs = RETRY_MS;
    await keys.ready(['email']);
    expect(keys.newest('email')?.version).toBe(1);
  });

  it('stay while masking is away', async () => {
    const { world, keys } = book();
    await keys.ready(['email']);
    world.versions = 0;
    world.nowMs = REFRESH_MS;
    keys.ready(['email']);
    await keys.ready(['card']);
    expect(keys.newest('email')?.version).toBe(1);
  });

  it.each(['no JSON', `[{"key":"${NEEDLE}"}]`])('that cannot be read are none, and %j is told to nobody', async (given) => {
    const { world, keys } = book();
    world.given = given;
    await keys.ready(['email']);
    expect(keys.newest('email')).toBeUndefined();
    expect(world.warned).toHaveLength(1);
    expect(String((world.warned[0] as [string, { error: Error }])[1].error)).toBe('Error: what was given is no list of keys');
  });
});
