import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const setting = setUp({
  configure: (configuration) => {
    configuration.masking = {
      columns: [
        { id: 'personal', classification: 'personal', transform: 'redact', except: [], exceptFor: ['refunds'] },
        { id: 'cards', tag: 'card', target: 'shop', transform: 'partial', except: [] },
      ],
      content: [{ target: 'shop', kinds: ['email', 'national-id', 'card'] }],
      tags: [
        { target: 'shop', column: 'public.customers.email', tag: 'email', sure: 1, by: 'dba' }, { target: 'shop', column: 'public.customers.national_id', tag: 'national-id', sure: 0.9 },
        { target: 'shop', column: 'public.customers.card_number', tag: 'card', sure: 1 }, { target: 'shop', column: 'public.customers.name', tag: 'none', sure: 1 },
      ],
      classifications: [{ name: 'personal', tags: ['email', 'national-id'] }],
      purposes: [{ name: 'refunds', roles: ['etl'] }, { name: 'audits', roles: ['auditor'] }],
    };
  },
});
const TEXT = 'select name, email, national_id, card_number from customers where id = 1';
const REFUNDS = { options: '-c interlock.purpose=refunds' };

async function seen(more: object = {}): Promise<Record<string, string>> {
  const client = setting.client('agent-etl', 'shop', more);
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(TEXT)).rows[0]!;
  } finally {
    await client.end();
  }
}

const inClear = (): Promise<Record<string, string>> => setting.target.bare('shop', async (client) => (await client.query<Record<string, string>>(TEXT)).rows[0]!);

describe('masking rules by what columns hold', () => {
  it('hide every column with a tag of theirs, and none beside', async () => {
    const { name, card_number } = await inClear();
    expect(await seen()).toEqual({ name, email: '[redacted]', national_id: '[redacted]', card_number: `${'*'.repeat(card_number!.length - 4)}${card_number!.slice(-4)}` });
  });

  it('show it for a purpose that the session states, where they say so, and record the purpose', async () => {
    const clear = await inClear();
    expect(await seen(REFUNDS)).toEqual({ ...clear, card_number: expect.stringMatching(/^\*+\d{4}$/) });
    expect(setting.world.events('session.opened.v1')).toMatchObject([{ purpose: 'refunds' }]);
  });

  it.each([
    ['that others may state', 'audits', 'The purpose audits is for principals of auditor.'],
    ['that nobody declared', 'curiosity', 'There is no purpose "curiosity".'],
  ])('let nobody in with a purpose %s', async (_what, purpose, message) => {
    await expect(seen({ options: `-c interlock.purpose=${purpose}` })).rejects.toMatchObject({ message: expect.stringContaining(message) });
    expect(setting.world.events('session.opened.v1')).toEqual([]);
  });

  it('end a session whose purpose holds no more', async () => {
    const client = setting.client('agent-etl', 'shop', REFUNDS);
    const ended = new Promise<Error>((resolve) => void client.on('error', resolve));
    await client.connect();
    setting.world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, masking: { ...bundle.configuration.masking, purposes: [{ name: 'refunds', roles: ['auditor'] }] } } }));
    expect(await ended).toMatchObject({ code: '57P01' });
  });
});
