/** Everything in the demonstration shop is made up here, the same on every machine: no row describes a person. */
export interface Customer {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly cardNumber: string;
  readonly nationalId: string;
  readonly phone: string;
  readonly city: string;
  readonly notes: string | null;
  readonly createdAt: string;
}

export interface Product { readonly id: number; readonly sku: string; readonly name: string; readonly price: string; readonly stock: number }
export interface Order { readonly id: number; readonly customerId: number; readonly status: string; readonly placedAt: string }
export interface OrderItem { readonly orderId: number; readonly line: number; readonly productId: number; readonly quantity: number; readonly unitPrice: string }
export interface Payment { readonly id: number; readonly orderId: number; readonly amount: string; readonly method: string; readonly paidAt: string }

export interface ShopRows {
  readonly customers: readonly Customer[];
  readonly products: readonly Product[];
  readonly orders: readonly Order[];
  readonly items: readonly OrderItem[];
  readonly payments: readonly Payment[];
}

/** The order of the story: cancelled before anything was packed or paid, so deleting it touches one row. */
export const EMPTY_ORDER = 7;

const COUNTS = { customers: 300, products: 40, orders: 600 } as const;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2025, 0, 6, 8);

const GIVEN = ['Ada', 'Bruno', 'Carla', 'Deniz', 'Elin', 'Farid', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kaya', 'Lorenz', 'Mina', 'Noor', 'Otto', 'Petra', 'Quinn', 'Rosa', 'Sami', 'Tilda'];
const FAMILY = ['Abel', 'Brandt', 'Costa', 'Dorn', 'Egger', 'Falk', 'Grau', 'Holm', 'Imhof', 'Jansen', 'Kern', 'Lund', 'Moser', 'Nagy', 'Olsen', 'Prinz', 'Quist', 'Riva', 'Stark', 'Thal'];
const CITIES = ['Graz', 'Lyon', 'Porto', 'Ghent', 'Turku', 'Brno', 'Malmö', 'Parma', 'Cork', 'Split'];
const THINGS = ['lamp', 'kettle', 'desk', 'chair', 'shelf', 'mirror', 'blanket', 'clock', 'basket', 'vase'];
const LOOKS = ['oak', 'linen', 'brass', 'glass'];

/** Numbers that repeat from run to run (mulberry32). */
function repeatable(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Appends the digit that makes a number pass ISO/IEC 7812-1 (Luhn). */
export function withCheckDigit(digits: string): string {
  const sum = [...digits].toReversed().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** All rows of the shop. Pure: the same on every call. */
export function shopRows(): ShopRows {
  const random = repeatable(20_250_106);
  const customers = range(COUNTS.customers).map((id) => customer(id, random));
  const products = range(COUNTS.products).map((id) => product(id, random));
  const orders = range(COUNTS.orders).map((id) => order(id, random));
  const items = orders.filter(({ id }) => id !== EMPTY_ORDER).flatMap(({ id }) => itemsOf(id, products, random));
  return { customers, products, orders, items, payments: paymentsOf(orders, items) };
}

function customer(id: number, random: (below: number) => number): Customer {
  const given = pick(GIVEN, random);
  const family = pick(FAMILY, random);
  const email = `${given}.${family}.${id}@example.test`.toLowerCase();
  const cardNumber = withCheckDigit(pick(['411111', '400000', '555555', '520082'], random) + digits(9, random));
  const phone = `+1-555-01${digits(2, random)}`;
  return {
    id, name: `${given} ${family}`, email, cardNumber, nationalId: `8${digits(2, random)}-${1 + random(9)}${random(10)}-${1 + random(9)}${digits(3, random)}`,
    phone, city: pick(CITIES, random), notes: notes(id, email, cardNumber), createdAt: day(id),
  };
}

/** Free text is where card numbers and addresses end up in real systems: some rows carry them. */
function notes(id: number, email: string, cardNumber: string): string | null {
  if (id % 10 === 3) return `Asked to be written to at ${email} only.`;
  if (id % 25 === 4) return `Read card ${cardNumber} over the phone; told not to.`;
  return id % 4 === 0 ? 'Prefers delivery in the morning.' : null;
}

function product(id: number, random: (below: number) => number): Product {
  const name = `${LOOKS[(id - 1) % LOOKS.length]} ${THINGS[Math.floor((id - 1) / LOOKS.length) % THINGS.length]}`;
  return { id, sku: `SH-${String(id).padStart(4, '0')}`, name, price: money(900 + random(19_000)), stock: random(120) };
}

function order(id: number, random: (below: number) => number): Order {
  const customerId = 1 + random(COUNTS.customers);
  const status = id === EMPTY_ORDER ? 'cancelled' : pick(['placed', 'packed', 'shipped', 'shipped', 'delivered', 'delivered'], random);
  return { id, customerId, status, placedAt: day(120 + Math.floor(id / 3)) };
}

function itemsOf(orderId: number, products: readonly Product[], random: (below: number) => number): OrderItem[] {
  return range(1 + random(3)).map((line) => {
    const { id, price } = pick(products, random);
    return { orderId, line, productId: id, quantity: 1 + random(3), unitPrice: price };
  });
}

function paymentsOf(orders: readonly Order[], items: readonly OrderItem[]): Payment[] {
  const totals = new Map<number, number>();
  for (const item of items) totals.set(item.orderId, (totals.get(item.orderId) ?? 0) + Math.round(Number(item.unitPrice) * 100) * item.quantity);
  const paid = orders.filter(({ id, status }) => status !== 'placed' && totals.has(id));
  return paid.map(({ id, placedAt }, place) => ({
    id: place + 1, orderId: id, amount: money(totals.get(id) ?? 0), method: id % 3 === 0 ? 'transfer' : 'card', paidAt: placedAt,
  }));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, place) => place + 1);
}

function pick<T>(values: readonly T[], random: (below: number) => number): T {
  return values[random(values.length)] as T;
}

function digits(count: number, random: (below: number) => number): string {
  return range(count).map(() => random(10)).join('');
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}

function day(number: number): string {
  return new Date(FIRST_DAY_MS + number * DAY_MS).toISOString();
}
