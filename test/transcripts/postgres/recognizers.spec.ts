import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const setting = setUp({
  configure: (configuration) => {
    configuration.masking = {
      columns: [],
      content: [{ target: 'shop', kinds: ['secret'], recognizers: ['staff-no', 'locker'] }],
      recognizers: [
        { id: 'staff-no', pattern: '\\bEMP-\\d{6}\\b', score: 0.8, transform: 'redact' },
        { id: 'locker', pattern: '\\b[A-Z]\\d{3}-\\d{5}\\b', near: ['locker'], score: 0.8, transform: 'partial' },
        { id: 'unused', pattern: 'nothing', score: 0.8, transform: 'redact' },
      ],
    };
  },
});
const SECRET = ['q8Rw2Zk5', 'Tn9Yb4Vc7'].join('');

async function asked<T>(ask: (client: ReturnType<typeof setting.client>) => Promise<T>): Promise<T> {
  const client = setting.client('agent-etl', 'shop');
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

describe('recognizers and secrets', () => {
  it('are masked in rows, by the words beside them and by the names of their columns', async () => {
    const text = `select 'EMP-123456 has B042-12345' as note, 'locker B042-12345' as place, 'B042-12345' as locker_no, 'postgres://app:${SECRET}@db/shop' as url, '${SECRET}' as api_token, '{"staff": "EMP-123456", "nothing": 1}'::jsonb as doc`;
    expect((await asked((client) => client.query(text))).rows).toEqual([{
      note: '[staff-no] has B042-12345', place: 'locker ******2345', locker_no: '******2345', url: 'postgres://app:[secret]@db/shop', api_token: '[secret]', doc: { staff: '[staff-no]', nothing: 1 },
    }]);
  });

  it('and in errors', async () => {
    await expect(asked((client) => client.query("select 'EMP-123456'::int"))).rejects.toMatchObject({ message: 'invalid input syntax for type integer: "[staff-no]"' });
  });
});
