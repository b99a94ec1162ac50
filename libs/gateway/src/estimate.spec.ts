import { accepted, refused } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import { describe, expect, it } from 'vitest';
import { withEstimate } from './estimate.js';

/** Its rules read what the target expects of an update. */
const judge = { readsEstimateAt: (target: string) => target === 'shop', readsEstimateOn: (verb: string, target: string) => verb === 'update' && target === 'shop' } as unknown as Judge;

function asked(target: string, ...verbs: string[]) {
  let times = 0;
  const ask = () => {
    times += 1;
    return Promise.resolve(accepted(7));
  };
  const gather = async (gathered?: Parameters<typeof withEstimate>[0]) => [await withEstimate(gathered, { judge, target, accesses: verbs.map((verb) => ({ verb })) }, ask), times] as const;
  return gather;
}

describe('an estimate', () => {
  it('is asked for once, and stands beside what was gathered before, where rules read it', async () => {
    const history = { ownCreation: true, preexisting: false };
    expect(await asked('shop', 'update', 'select', 'update')([history, history, null])).toEqual([accepted([{ ...history, estimatedRows: 7 }, history, { estimatedRows: 7 }]), 1]);
    expect(await asked('shop', 'select', 'update')()).toEqual([accepted([null, { estimatedRows: 7 }]), 1]);
  });

  it.each([['of a verb that no rule reads it of', 'shop', 'select'], ['at a target where no rule reads it', 'attic', 'update']])('is not asked for %s', async (_, target, verb) => {
    expect(await asked(target, verb)()).toEqual([accepted(undefined), 0]);
  });

  it('that cannot be had refuses the command', async () => {
    const away = refused('estimate_unavailable', 'It does not say.');
    expect(await withEstimate(undefined, { judge, target: 'shop', accesses: [{ verb: 'update' }] }, () => Promise.resolve(away))).toBe(away);
  });
});
