import { describe, expect, it } from 'vitest';
import { compileMasking, type ReaderOfMasked } from './plan.js';

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
    expect(compileMasking({ masking }, 'shop', { roles: [] }).columnRule('public', 'customers', 'card_number')).toMatchObject({ rule: 'cards-strict', transform: 'redact' });
  });

  it('spares a reader only from the rules that except one of its roles', () => {
    const spared = compileMasking({ masking: { ...masking, columns: [masking.columns[0]!] } }, 'shop', { roles: ['etl', 'fraud'] });
    expect(spared.sensitive).toEqual([]);
    expect(compileMasking({ masking }, 'shop', { roles: ['fraud'] }).columnRule('public', 'customers', 'card_number')?.rule).toBe('cards-strict');
  });

  it('holds only what concerns its target, each content kind once', () => {
    const plan = compileMasking({ masking }, 'shop', { roles: [] });
    expect(plan.columnRule('public', 'customers', 'email')).toBeUndefined();
    expect(plan.contentKinds).toEqual(['card', 'email']);
    expect(compileMasking({ masking }, 'sandbox', { roles: [] }).isEmpty).toBe(true);
  });

  it('takes names as the catalog holds them, without folding', () => {
    expect(compileMasking({ masking }, 'shop', { roles: [] }).columnRule('public', 'Customers', 'card_number')).toBeUndefined();
  });

  describe('by what columns hold', () => {
    const tagged = {
      columns: [{ id: 'personal', classification: 'personal', transform: 'redact' as const, except: ['dpo'], exceptFor: ['refunds'] }, { id: 'mails', tag: 'email', target: 'shop', transform: 'null' as const, except: [] }],
      content: [],
      tags: [
        { target: 'shop', column: 'public.customers.email', tag: 'email', sure: 1 }, { target: 'shop', column: 'public.customers.phone', tag: 'phone', sure: 0.9 },
        { target: 'books', column: 'public.authors.email', tag: 'email', sure: 1 }, { target: 'shop', column: 'public.orders.total', tag: 'none', sure: 1 },
      ],
      classifications: [{ name: 'personal', tags: ['email', 'phone'] }],
    };
    const hidden = (target: string, reader: ReaderOfMasked) => compileMasking({ masking: tagged }, target, reader).sensitive.map(({ table, column, rule }) => `${table}.${column} by ${rule}`);

    it('hides every column of a classification, at every target', () => {
      expect(hidden('shop', { roles: [] })).toEqual(['customers.email by mails', 'customers.phone by personal']);
      expect(hidden('books', { roles: [] })).toEqual(['authors.email by personal']);
    });

    it('tells what it spares a reader, but for what another rule hides all the same', () => {
      const spared = (reader: ReaderOfMasked) => [...compileMasking({ masking: tagged }, 'shop', reader).spared];
      expect(spared({ roles: ['dpo'] })).toEqual(['public.customers.phone']);
      expect(spared({ roles: [] })).toEqual([]);
    });

    it('spares a role, or a stated purpose, from the rules that say so and from no other', () => {
      expect(hidden('shop', { roles: ['dpo'] })).toEqual(['customers.email by mails']);
      expect(hidden('shop', { roles: [], purpose: 'refunds' })).toEqual(['customers.email by mails']);
      expect(hidden('shop', { roles: [], purpose: 'marketing' })).toHaveLength(2);
    });
  });
});
