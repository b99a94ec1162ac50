import { describe, expect, it } from 'vitest';
import { closed, opened, started } from '../../../spec/events.js';
import { rowsAfter } from '../../../spec/memory-view.js';
import { sessions } from './evolve.js';

const rowOf = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(sessions, events).get('s1');

describe('the view of sessions', () => {
  it('holds who came, to what, and when', () => {
    expect(rowOf(opened('s1'))).toMatchObject({ session: 's1', principal: 'agent-etl', principalKind: 'agent', party: ['owner-etl'], target: 'shop', status: 'open', closedAt: null, clientApplication: 'psql', bundleVersion: 3 });
  });

  it('holds how it ended', () => {
    expect(rowOf(opened('s1'), closed('s1'))).toMatchObject({ status: 'closed', closeReason: 'client_closed', commands: 2, bytesToClient: 99 });
  });

  it('takes an opening once, and no end of what was never opened', () => {
    const first = opened('s1');
    expect(rowOf(first, opened('s1', { run: 'connector-postgres/1-z' }))).toMatchObject({ run: 'connector-postgres/1-a', openedAt: first.metadata.time });
    expect(rowOf(closed('s1'))).toBeUndefined();
  });

  it('shows as lost what a connector that started anew had not closed, and nothing else', () => {
    const rows = rowsAfter(sessions, [
      opened('s1'), opened('s2'), closed('s2'), opened('other', { instance: 'ledger.connector-postgres.2', run: 'connector-postgres/2-a' }),
      opened('new', { run: 'connector-postgres/1-b' }), started('connector-postgres/1-b'),
    ]);
    expect([...rows].map(([name, row]) => [name, row.status])).toEqual([['s1', 'lost'], ['s2', 'closed'], ['other', 'open'], ['new', 'open']]);
  });

  it('keeps the row and loses the content when the key was destroyed', () => {
    expect(rowOf(opened('s1', { erased: true }), closed('s1', { erased: true }))).toMatchObject({ session: 's1', erased: true, principal: null, party: null, clientAddress: null, status: 'closed', closeReason: null });
  });
});
