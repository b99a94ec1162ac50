import { expect, it } from 'vitest';
import { portsFrom } from '../settings.js';
import { whatToTry } from './what-to-try.js';

it('says that Interlock is ready, and each line can be pasted', () => {
  const text = whatToTry(portsFrom({}, {}), 'psql');
  expect(text).toContain('Interlock is ready');
  expect(text).toContain("PGPASSWORD=$(npx interlock token agent-etl) psql -h 127.0.0.1 -p 15432 -U agent-etl shop -c 'drop table customers'");
  expect(text).toContain('npx interlock --token-of dba approvals list');
  expect(text).toContain('Approvals in a browser: http://localhost:8800 ');
});

it('puts the order of the story back before it is to be deleted, so that it works every time', () => {
  const text = whatToTry(portsFrom({}, {}), 'psql');
  const [putBack, deleted] = [text.indexOf(`-c "insert into orders (id, customer_id, status) values (7, 1, 'cancelled') on conflict (id) do nothing"`), text.indexOf("-c 'delete from orders where id = 7'")];
  expect(putBack).toBeGreaterThan(0);
  expect(deleted).toBeGreaterThan(putBack);
});

it('names ports that were moved and the psql that was fetched', () => {
  const text = whatToTry(portsFrom({ INTERLOCK_API_PORT: '9000', INTERLOCK_POSTGRES_PORT: '9001' }, {}), '.interlock/bin/psql');
  expect(text).toContain('.interlock/bin/psql -h 127.0.0.1 -p 9001');
  expect(text).toContain('npx interlock --api http://127.0.0.1:9000 --token-of auditor audit verify');
});
