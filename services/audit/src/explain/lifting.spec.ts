import { describe, expect, it } from 'vitest';
import type { ApprovalRow } from '../views/approvals/row.js';
import type { CommandRow } from '../views/commands/row.js';
import { whatLifts } from './lifting.js';

const denied = (...rules: readonly string[]): CommandRow => ({ decision: 'deny', reasons: rules.map((rule) => ({ rule, effect: 'forbid', message: 'No.' })) }) as unknown as CommandRow;

describe('what lifts a refusal', () => {
  it('is said once, however many objects the rule refused', () => {
    expect(whatLifts(denied('no-drop', 'no-drop', 'no-night'), undefined, 0)).toEqual(['no-drop', 'no-night'].map((rule) => `A change of rule ${rule}, proposed with \`interlock apply\` and approved by a second person.`));
  });

  it('is agreement, for which the command waits until its wait is over, and no longer', () => {
    const asking = { decision: 'ask', asking: { ask: { quorum: [{ role: 'dba', count: 1 }] } } } as unknown as CommandRow;
    const approval = { grant: 'g-1', status: 'pending', waitsUntil: '2026-01-01T00:05:00.000Z', expiresAt: '2026-01-01T00:15:00.000Z' } as ApprovalRow;
    const at = (time: string): string => whatLifts(asking, approval, Date.parse(time)).join();
    expect(at('2026-01-01T00:04:59.999Z')).toBe('It waits: 1 of role dba may agree until 2026-01-01T00:15:00.000Z with: interlock approvals approve g-1');
    expect(at('2026-01-01T00:05:00.000Z')).toBe('It waits no longer, since 2026-01-01T00:05:00.000Z, and was not sent; the same command, sent again before 2026-01-01T00:15:00.000Z, waits on for the same approval, or runs by it once given. 1 of role dba may agree until 2026-01-01T00:15:00.000Z with: interlock approvals approve g-1');
    expect(whatLifts(asking, { ...approval, waitsUntil: null }, Date.parse('2030-01-01T00:00:00.000Z'))[0]).toMatch(/^It waits: /);
  });
});
