import { describe, expect, it } from 'vitest';
import { EMPTY_ORDER, shopRows, withCheckDigit } from './shop-rows.js';

describe('withCheckDigit', () => {
  it.each([['411111111111111', '4111111111111111'], ['7992739871', '79927398713'], ['0', '00']])('%s -> %s', (digits, whole) => {
    expect(withCheckDigit(digits)).toBe(whole);
  });
});

describe('the demonstration shop', () => {
  const rows = shopRows();

  it('is the same on every call', () => expect(shopRows()).toEqual(rows));

  it('has card numbers that pass their check digit and addresses nobody owns', () => {
    for (const { cardNumber, email } of rows.customers) {
      expect(withCheckDigit(cardNumber.slice(0, -1))).toBe(cardNumber);
      expect(email.endsWith('@example.test')).toBe(true);
    }
  });

  it('has an order 7 that no other row refers to', () => {
    expect(rows.orders.filter(({ id }) => id === EMPTY_ORDER)).toHaveLength(1);
    expect([...rows.items, ...rows.payments].filter(({ orderId }) => orderId === EMPTY_ORDER)).toEqual([]);
  });

  it('pays orders what their items cost', () => {
    const payment = rows.payments[10];
    const items = rows.items.filter(({ orderId }) => orderId === payment?.orderId);
    const total = items.reduce((sum, item) => sum + Number(item.unitPrice) * item.quantity, 0);
    expect(Number(payment?.amount)).toBeCloseTo(total, 2);
  });

  it('has free text with a card number and with an address in it', () => {
    const notes = rows.customers.map((customer) => customer.notes ?? '');
    expect(notes.some((note) => /\d{16}/.test(note))).toBe(true);
    expect(notes.some((note) => note.includes('@example.test'))).toBe(true);
  });
});
