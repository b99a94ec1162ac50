import { describe, expect, it } from 'vitest';
import { accepted, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';
import type { Parking, Released, Wait } from '@interlock/gateway';
import { POSTGRES_LIMITS } from './limits.js';
import type { RunningCommand } from './running-command.js';
import { Waiting, type WaitingPorts } from './waiting.js';

const REQUEST = { id: 'g-1', ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['r'], ruleHash: 'h', windowSeconds: 900 }, reasons: ['why'], expiresAt: '2026-01-01T00:15:00.000Z' } as unknown as ApprovalRequest;
const WAIT: Wait = { untilMs: Date.parse('2026-01-01T00:05:00.000Z'), isResumed: false, isOver: false };

/** Parks until `end`; time moves by `pass`. */
function scene({ hearsNotices = true, wait = WAIT, request = REQUEST } = {}) {
  const told: string[] = [];
  const timers: { atMs: number; run: () => void }[] = [];
  let nowMs = 0;
  let end: (outcome: Outcome<Released>) => void = () => undefined;
  const parking: Pick<Parking, 'park'> = {
    park: (_session, _verdict, { onAsked }) => {
      onAsked?.(request, wait);
      return new Promise((resolve) => { end = resolve; });
    },
  };
  const clock = { nowMs: () => nowMs, after: (ms: number, run: () => void) => { const timer = { atMs: nowMs + ms, run }; timers.push(timer); return () => { timers.splice(timers.indexOf(timer), 1); }; } };
  const ports = {
    parking, clock, session: {}, context: { hearsNotices }, asks: { context: () => Promise.resolve(accepted(undefined)) },
    writer: { bytes: 0, add: (bytes: Buffer) => told.push(bytes.toString('latin1')), flush: () => undefined },
  } as unknown as WaitingPorts;
  const waiting = new Waiting(ports).until({ verdict: {}, tell: () => undefined } as unknown as RunningCommand, 'e-1');
  const pass = (ms: number): void => {
    nowMs += ms;
    for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
  };
  return { told, timers, pass, begun: () => Promise.resolve(), end: async () => { end({ ok: false, refusal: { reason: 'r', detail: 'd' } }); await waiting; } };
}

describe('a client whose command waits', () => {
  it('is told again and again, and no more once it is over', async () => {
    const { told, timers, pass, begun, end } = scene();
    await begun();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('It waits here until 2026-01-01T00:05:00.000Z');
    pass(POSTGRES_LIMITS.waitingNoticeMs - 1);
    expect(told).toHaveLength(1);
    pass(1);
    pass(POSTGRES_LIMITS.waitingNoticeMs);
    expect(told).toHaveLength(3);
    expect(told[2]).toContain('still waits for approval g-1, until 2026-01-01T00:05:00.000Z');
    await end();
    expect(timers).toEqual([]);
  });

  it('is warned once that it broke the glass, whatever it wants to hear', async () => {
    const request = { ...REQUEST, ask: { ...REQUEST.ask, glass: { reviewers: ['dba', 'security'], reviewSeconds: 60 } } };
    const { told, timers, begun, end } = scene({ hearsNotices: false, request, wait: { ...WAIT, isOver: true, reviewBy: '2026-01-01T00:01:00.000Z' } as typeof WAIT });
    await begun();
    expect(timers).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/WARNING.*01000.*the glass of rule "r" is broken.*Two people of role dba or security review it until 2026-01-01T00:01:00\.000Z; without that you are locked/s)]);
    await end();
  });

  it.each([['it wants to hear nothing', { hearsNotices: false }], ['people have decided already', { wait: { ...WAIT, isOver: true } }]])('is told nothing where %s', async (_what, more) => {
    const { told, timers, begun, end } = scene(more);
    await begun();
    expect([told, timers]).toEqual([[], []]);
    await end();
  });
});
