import { beforeEach, describe, expect, it } from 'vitest';
import type { EventDraft } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import { POSTGRES_LIMITS } from './limits.js';
import { StrangersRecord } from './strangers-record.js';

const { refusals, refusalsOfAddress, refusalAddresses } = POSTGRES_LIMITS;

let appended: EventDraft[];
let alarm: (() => void) | undefined;
let strangers: StrangersRecord;

beforeEach(() => {
  appended = [];
  alarm = undefined;
  const clock = {
    nowMs: () => 60_000,
    after: (_: number, run: () => void) => {
      alarm = run;
      return () => (alarm = undefined);
    },
  };
  strangers = new StrangersRecord({ clock, protocol: 'postgres', append: async (one) => `e-${appended.push(one)}` });
});

describe('a recorded stranger', () => {
  it('is told the id of the event, one that is only counted none', async () => {
    const told = (): Promise<string | undefined> => strangers.record('10.0.0.1:1', draft('authentication.refused.v1', { reason: 'token_malformed', detail: 'No.', protocol: 'postgres', clientAddress: '10.0.0.1:1' }));
    expect(await told()).toBe('e-1');
    for (let more = 1; more < refusalsOfAddress; more += 1) await told();
    expect(await told()).toBeUndefined();
  });
});

async function knock(address: string, times = 1): Promise<void> {
  for (let port = 0; port < times; port += 1) {
    await strangers.record(`${address}:${port}`, draft('authentication.refused.v1', { reason: 'token_malformed', detail: 'No.', protocol: 'postgres', clientAddress: `${address}:${port}` }));
  }
}

function ofType(type: string): EventDraft[] {
  return appended.filter((one) => one.type === type);
}

describe('strangers', () => {
  it('are recorded singly up to a number from one address, whatever ports and names they use; another address is still recorded', async () => {
    await knock('10.0.0.1', 5_000);
    expect(appended).toHaveLength(refusalsOfAddress);
    await knock('2001:db8::1');
    expect(appended).toHaveLength(refusalsOfAddress + 1);
  });

  it('are recorded singly up to a number from all, and the rest is told once at the end of the minute', async () => {
    for (let host = 0; host < refusals + 100; host += 1) await knock(`10.0.${host >> 8}.${host & 255}`, 3);
    expect(appended).toHaveLength(refusals);
    alarm!();
    expect(ofType('strangers.unrecorded.v1').map((one) => one.data)).toEqual([{
      protocol: 'postgres', refused: { 'authentication.refused.v1': (refusals + 100) * 3 - refusals }, addresses: refusals + 100 - refusals / 3,
      moreAddresses: false, from: '1970-01-01T00:01:00.000Z', until: '1970-01-01T00:01:00.000Z',
    }]);
    await knock('10.0.0.1');
    expect(ofType('authentication.refused.v1')).toHaveLength(refusals + 1);
  });

  it('leave nothing to tell where all were recorded', async () => {
    await knock('10.0.0.1', 3);
    alarm!();
    await strangers.close();
    expect(appended).toHaveLength(3);
  });

  it('are told of at the end of the connector, too, and take up no memory without end', async () => {
    for (let host = 0; host < refusals + refusalAddresses + 10; host += 1) await knock(`h${host}`);
    await strangers.close();
    expect(alarm).toBeUndefined();
    expect(ofType('strangers.unrecorded.v1')[0]!.data).toMatchObject({ addresses: refusalAddresses, moreAddresses: true });
  });
});
