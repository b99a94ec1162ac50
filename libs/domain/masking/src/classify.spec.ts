import { describe, expect, it } from 'vitest';
import { coverageOf, proposedTags } from './classify.js';
import { tagsByName } from './name-hints.js';

const column = (name: string, more: object = {}) => ({ schema: 'public', table: 'people', column: name, type: 'text', values: 0, found: {}, ...more });
const tag = (name: string, more: object = {}) => ({ target: 'shop', column: `public.people.${name}`, tag: 'email', sure: 1, ...more });

describe('the name of a column', () => {
  it.each([
    ['email', 'email'], ['customer_eMail', 'email'], ['e-mail', 'email'], ['CardNumber', 'card'], ['dateOfBirth', 'birth-date'], ['ssn', 'national-id'], ['home_phone', 'phone'], ['password_hash', 'secret'], ['base_salary', 'income'],
  ])('%s speaks for %s', (name, expected) => expect(tagsByName(name)[0]).toBe(expected));

  it.each(['discard', 'shipping_method', 'mailed_at', 'tipping', 'status', 'id', 'opinion', 'company_name', 'description', 'zippers'])('%s speaks for nothing', (name) => expect(tagsByName(name)).toEqual([]));

  it('speaks first for what more of its words say', () => expect(tagsByName('ip_address')).toEqual(['ip', 'address']));
});

describe('what is proposed of a column', () => {
  it('goes by its values, and is surer where its name agrees', () => {
    const found = { values: 20, found: { email: 20 } };
    const [[named], [unnamed]] = [proposedTags(column('email', found), []), proposedTags(column('contact', found), [])];
    expect(named).toEqual({ tag: 'email', sure: 0.98, because: '20 of 20 values, and its name' });
    expect(unnamed).toEqual({ tag: 'email', sure: 0.95, because: '20 of 20 values' });
  });

  it('goes by its name where there are no values, and is half sure', () => expect(proposedTags(column('phone'), [])).toEqual([{ tag: 'phone', sure: 0.5, because: 'its name' }]));

  it('is less sure the fewer values there are', () => {
    const sure = (values: number) => proposedTags(column('contact', { values, found: { email: values } }), [])[0]?.sure;
    expect([sure(4), sure(5), sure(50)]).toEqual([undefined, 0.86, 0.98]);
  });

  it('is nothing where a kind comes up now and then', () => expect(proposedTags(column('notes', { values: 100, found: { email: 20 } }), [])).toEqual([]));

  it('is nothing that was said before, and only what its values show where somebody has looked', () => {
    expect(proposedTags(column('email', { values: 9, found: { email: 9 } }), [tag('email')])).toEqual([]);
    expect(proposedTags(column('email'), [tag('email', { tag: 'none' })])).toEqual([]);
    expect(proposedTags(column('ref', { values: 9, found: { card: 9 } }), [tag('ref', { tag: 'none' })])).toMatchObject([{ tag: 'card' }]);
  });
});

describe('coverage', () => {
  it('counts columns, and tags by who gave them', () => {
    const columns = ['id', 'email', 'phone', 'notes'].map((name) => column(name));
    const tags = [tag('id', { tag: 'none', by: 'dba' }), tag('email', { by: 'dba' }), tag('phone', { tag: 'phone', sure: 0.7 }), tag('phone', { tag: 'mobile', by: 'security' }), tag('gone', { by: 'dba', sure: 0.1 })];
    expect(coverageOf(columns, tags)).toEqual({ columns: 4, classified: 3, sensitive: 2, by: { dba: 2, unsigned: 1, security: 1 }, leastSure: 0.7 });
  });

  it('of nothing has no least', () => expect(coverageOf([], [])).toEqual({ columns: 0, classified: 0, sensitive: 0, by: {} }));
});
