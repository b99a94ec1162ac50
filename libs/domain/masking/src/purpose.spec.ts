import { describe, expect, it } from 'vitest';
import { purposeFor } from './purpose.js';

const masking = { columns: [], content: [], purposes: [{ name: 'refunds', roles: ['support', 'finance'] }] };

describe('a purpose', () => {
  it('holds for a principal of one of its roles', () => expect(purposeFor({ masking }, 'refunds', ['etl', 'finance'])).toEqual({ ok: true, value: 'refunds' }));

  it.each([
    ['nobody declared', 'refund', ['support'], 'purpose_unknown', 'Purposes are refunds.'],
    ['of other roles', 'refunds', ['etl'], 'purpose_not_allowed', 'Leave interlock.purpose out, or connect as one of these.'],
  ])('that is %s is refused', (_, stated, roles, reason, hint) => expect(purposeFor({ masking }, stated, roles)).toMatchObject({ ok: false, refusal: { reason, hint } }));

  it('is refused where none is declared', () => expect(purposeFor({ masking: { columns: [], content: [] } }, 'refunds', ['support'])).toMatchObject({ ok: false, refusal: { reason: 'purpose_unknown' } }));
});
