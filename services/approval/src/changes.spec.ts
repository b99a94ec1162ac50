import { describe, expect, it } from 'vitest';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import type { GrantState } from '@interlock/contracts';
import { Changes } from './changes.js';

function state(id: string, status: GrantState['status'] = 'pending', text = 'delete from orders'): GrantState {
  return { status, votes: [], request: { id, reasons: [], action: { text, parameters: [], accesses: [], facts: {} } } } as unknown as GrantState;
}

async function setUp() {
  const grants = new MemoryAggregate<GrantState>();
  await grants.put('g1', state('g1'), 0);
  await grants.put('g2', state('g2'), 0);
  return { grants, changes: new Changes(grants, () => undefined) };
}

const everything = () => true;
const told = (found: Awaited<ReturnType<Changes['since']>>) => found.changes.map(({ step, approval }) => `${step} ${approval.request.id} ${approval.status}`);

describe('changes of approvals', () => {
  it.each([[undefined], [99]])('begin now for who was nowhere: after %s', async (after) => {
    const { changes } = await setUp();
    expect(await changes.since(after, everything, 1_000)).toEqual({ changes: [], next: 2, fresh: true });
  });

  it('are told from where the reader was, each approval once, as it is now', async () => {
    const { changes, grants } = await setUp();
    await grants.put('g1', state('g1', 'approved'), 1);
    await grants.put('g1', state('g1', 'consumed'), 3);
    const found = await changes.since(0, everything, 0);
    expect([told(found), found.next]).toEqual([['2 g2 pending', '4 g1 consumed'], 4]);
    expect(told(await changes.since(2, everything, 0))).toEqual(['4 g1 consumed']);
  });

  it('are told only where they concern the reader, who moves on all the same', async () => {
    const { changes } = await setUp();
    const found = await changes.since(0, ({ request }) => request.id === 'g1', 0);
    expect([told(found), found.next]).toEqual([['1 g1 pending'], 2]);
  });

  it('wake whoever waits', async () => {
    const { changes, grants } = await setUp();
    const waiting = changes.since(2, everything, 1_000);
    await grants.put('g3', state('g3'), 0);
    expect(told(await waiting)).toEqual(['3 g3 pending']);
  });

  it('end a wait with nothing when nothing came, and when the service ends', async () => {
    const { changes } = await setUp();
    expect(told(await changes.since(2, everything, 5))).toEqual([]);
    const waiting = changes.since(2, everything, 1_000);
    changes.onApplicationShutdown();
    expect(told(await waiting)).toEqual([]);
  });

  it('are parted where one answer would become too long', async () => {
    const { changes, grants } = await setUp();
    for (let index = 0; index < 300; index += 1) await grants.put(`m${index}`, state(`m${index}`, 'pending', 'x'.repeat(3_000)), 0);
    const steps: number[] = [];
    for (let after = 0, found; (found = await changes.since(after, everything, 0)).changes.length > 0; after = found.next) {
      expect(JSON.stringify(found).length).toBeLessThan(600 * 1024);
      steps.push(...found.changes.map(({ step }) => step));
    }
    expect(steps).toEqual(Array.from({ length: 302 }, (_, index) => index + 1));
  });
});
