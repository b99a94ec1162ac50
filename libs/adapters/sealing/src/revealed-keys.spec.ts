import { accepted, refused } from '@interlock/kernel';
import type { RpcClient } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { KeysUnavailable, RevealedKeys } from './revealed-keys.js';
import { seal } from './sealed-box.js';
import { generateServiceKeys, ServiceKeys } from './service-keys.js';

const own = generateServiceKeys();
const keys = new ServiceKeys('audit', { nkeySeed: 'unused', ...own });
const keyOf = (id: string) => Buffer.from(`key of ${id}`);

/** A recorder that knows every id but `gone`, and counts what it is asked. */
function recorder(sealedTo = own.sealingKey) {
  const asked: (readonly [string, readonly string[]])[] = [];
  let isAway = false;
  const rpc = {
    call: (verb: string, { keyIds }: { readonly keyIds: readonly string[] }) => {
      asked.push([verb, keyIds]);
      if (isAway) return Promise.resolve(refused('unavailable', 'It is away.'));
      const known = keyIds.filter((id) => id !== 'gone');
      return Promise.resolve(accepted({ keys: Object.fromEntries(known.map((id) => [id, seal(sealedTo, 'event-key', Buffer.from(keyOf(id).toString('base64')))])) }));
    },
  } as unknown as RpcClient;
  return { rpc, asked, goAway: () => { isAway = true; } };
}

const text = (found: ReadonlyMap<string, Buffer>) => Object.fromEntries([...found].map(([id, key]) => [id, key.toString()]));

describe('keys that the recorder reveals', () => {
  it('are asked for once, each id once, and what is gone is left out', async () => {
    const { rpc, asked } = recorder();
    const revealed = new RevealedKeys({ rpc, keys, from: 'recorder.revealKeys', make: (key) => key });
    expect(text(await revealed.of(['a', 'b', 'a', 'gone']))).toEqual({ a: 'key of a', b: 'key of b' });
    expect(text(await revealed.of(['b', 'c']))).toEqual({ b: 'key of b', c: 'key of c' });
    expect(asked).toEqual([['recorder.revealKeys', ['a', 'b', 'gone']], ['recorder.revealKeys', ['c']]]);
  });

  it('are asked for a thousand at a time, and made into something once', async () => {
    const { rpc, asked } = recorder();
    let made = 0;
    const revealed = new RevealedKeys({ rpc, keys, from: 'recorder.revealDecisionKeys', make: (key) => ({ key, number: (made += 1) }) });
    const ids = Array.from({ length: 1_001 }, (_, index) => `k${index}`);
    const first = await revealed.of(ids);
    expect(asked.map(([verb, asks]) => [verb, asks.length])).toEqual([['recorder.revealDecisionKeys', 1_000], ['recorder.revealDecisionKeys', 1]]);
    expect((await revealed.of(['k7'])).get('k7')).toBe(first.get('k7'));
    expect(made).toBe(1_001);
  });

  it('lets go of those that were not used for longest', async () => {
    const { rpc, asked } = recorder();
    const revealed = new RevealedKeys({ rpc, keys, from: 'recorder.revealKeys', make: () => true });
    await revealed.of(['used', 'unused']);
    await revealed.of(Array.from({ length: 19_998 }, (_, index) => `k${index}`));
    await revealed.of(['used']);
    await revealed.of(['one more']);
    asked.length = 0;
    await revealed.of(['used', 'unused']);
    expect(asked).toEqual([['recorder.revealKeys', ['unused']]]);
  });

  it('are a fault when the recorder is away, or seals them to someone else', async () => {
    const away = recorder();
    away.goAway();
    await expect(new RevealedKeys({ rpc: away.rpc, keys, from: 'recorder.revealKeys', make: (key) => key }).of(['a'])).rejects.toThrow(KeysUnavailable);
    const { rpc } = recorder(generateServiceKeys().sealingKey);
    await expect(new RevealedKeys({ rpc, keys, from: 'recorder.revealKeys', make: (key) => key }).of(['a'])).rejects.toThrow('sealed an event key to someone else');
  });
});
