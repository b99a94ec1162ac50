import { describe, expect, it } from 'vitest';
import { compileMasking } from './plan.js';

const masking = {
  columns: [
    { id: 'cards', target: 'shop', column: 'public.customers.card_number', transform: 'partial' as const, except: ['fraud'] },
    { id: 'cards-strict', target: 'shop', column: 'public.customers.card_number', transform: 'redact' as const, except: [] },
    { id: 'elsewhere', target: 'books', column: 'public.customers.email', transform: 'null' as const, except: [] },
  ],
  content: [{ target: 'shop', kinds: ['card' as const, 'email' as const] }, { target: 'shop', kinds: ['email' as const] }],
};

describe('compileMasking', () => {
  it('lets the rule that leaves least to see win', () => {
    expect(compileMasking({ masking }, 'shop', []).columnRule('public', 'customers', 'card_number')).toMatchObject({ rule: 'cards-strict', transform: 'redact' });
  });

  it('spares a reader only from the rules that except one of its roles', () => {
    const spared = compileMasking({ masking: { ...masking, columns: [masking.columns[0]!] } }, 'shop', ['etl', 'fraud']);
    expect(spared.sensitive).toEqual([]);
    expect(compileMasking({ masking }, 'shop', ['fraud']).columnRule('public', 'customers', 'card_number')?.rule).toBe('cards-strict');
  });

  it('holds only what concerns its target, each content kind once', () => {
    const plan = compileMasking({ masking }, 'shop', []);
    expect(plan.columnRule('public', 'customers', 'email')).toBeUndefined();
    expect(plan.contentKinds).toEqual(['card', 'email']);
    expect(compileMasking({ masking }, 'sandbox', []).isEmpty).toBe(true);
  });

  it('takes names as the catalog holds them, without folding', () => {
    expect(compileMasking({ masking }, 'shop', []).columnRule('public', 'Customers', 'card_number')).toBeUndefined();
  });
});
