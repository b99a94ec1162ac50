import { padded, type Random } from './random.js';

const HEX = '0123456789abcdef';
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const uuid = (r: Random): string => `${r.of(HEX, 8)}-${r.of(HEX, 4)}-4${r.of(HEX, 3)}-${r.of('89ab', 1)}${r.of(HEX, 3)}-${r.of(HEX, 12)}`;
const day = (r: Random, joiner: string): string => [r.between(1990, 2030), padded(r.between(1, 12), 2), padded(r.between(1, 28), 2)].join(joiner);
const time = (r: Random): string => `${padded(r.below(24), 2)}:${padded(r.below(60), 2)}:${padded(r.below(60), 2)}`;

/** What identifies things, moments and versions, and nobody: by its name, one at random. `none`: not one may be masked. */
export const BENIGN: Readonly<Record<string, { readonly none?: true; readonly make: (r: Random) => string }>> = {
  uuid: { none: true, make: uuid },
  'uuid in capitals': { none: true, make: (r) => uuid(r).toUpperCase() },
  'uuid without dashes': { none: true, make: (r) => r.of(HEX, 32) },
  'SHA-1': { none: true, make: (r) => r.of(HEX, 40) },
  'SHA-256': { none: true, make: (r) => r.of(HEX, 64) },
  'SHA-512': { none: true, make: (r) => r.of(HEX, 128) },
  MD5: { none: true, make: (r) => r.of(HEX, 32).toUpperCase() },
  'short hash': { none: true, make: (r) => r.of(HEX, r.between(7, 12)) },
  'image digest': { none: true, make: (r) => `sha256:${r.of(HEX, 64)}` },
  'moment of ISO 8601': { none: true, make: (r) => `${day(r, '-')}T${time(r)}.${r.digits(3)}Z` },
  'moment of a database': { none: true, make: (r) => `${day(r, '-')} ${time(r)}.${r.digits(6)}+00` },
  date: { none: true, make: (r) => day(r, r.pick(['-', '/', '.'])) },
  'date, day first': { none: true, make: (r) => day(r, '-').split('-').reverse().join(r.pick(['/', '.', '-'])) },
  'moment without marks': { none: true, make: (r) => day(r, '') + time(r).replaceAll(':', '') },
  'seconds of the epoch': { none: true, make: (r) => `1${r.digits(9)}` },
  milliseconds: { none: true, make: (r) => `1${r.pick(['6', '7'])}${r.digits(11)}` },
  microseconds: { none: true, make: (r) => `1${r.pick(['6', '7'])}${r.digits(14)}` },
  nanoseconds: { none: true, make: (r) => `1${r.pick(['6', '7'])}${r.digits(17)}` },
  version: { none: true, make: (r) => `${r.below(40)}.${r.below(40)}.${r.below(200)}` },
  'version of four parts': { none: true, make: (r) => `${r.pick(['v', 'version ', 'release '])}${r.below(40)}.${r.below(40)}.${r.below(250)}.${r.below(250)}` },
  'version before release': { none: true, make: (r) => `${r.below(20)}.${r.below(20)}.${r.below(20)}-${r.pick(['rc', 'beta', 'alpha'])}.${r.below(20)}+${r.of(HEX, 7)}` },
  'agent of a browser': { none: true, make: (r) => `Chrome/${r.between(90, 140)}.0.${r.between(4000, 7000)}.${r.below(250)}` },
  'order with its year': { none: true, make: (r) => `ORD-${r.between(2015, 2030)}-${r.digits(6)}` },
  'invoice with its day': { none: true, make: (r) => `INV-${day(r, '')}-${r.digits(4)}` },
  'purchase order': { none: true, make: (r) => `PO-${r.digits(10)}` },
  ticket: { none: true, make: (r) => `${r.of('ABCDEFGHIJ', 3)}-${r.between(1, 99_999)}` },
  'number of an order': { none: true, make: (r) => `#${r.digits(r.between(5, 10))}` },
  'row number': { make: (r) => String(r.below(10 ** r.between(1, 9))) },
  'ten digits': { make: (r) => r.digits(10) },
  'eleven digits': { make: (r) => r.digits(11) },
  'twelve digits, of an account': { make: (r) => `arn:aws:iam::${r.digits(12)}:role/${r.of('abcdef', 6)}` },
  snowflake: { make: (r) => `1${r.digits(r.between(16, 18))}` },
  amount: { make: (r) => `${r.between(1, 999)},${r.digits(3)}.${r.digits(2)}` },
  coordinates: { make: (r) => `${r.below(90)}.${r.digits(6)}, ${r.below(180)}.${r.digits(6)}` },
  ULID: { make: (r) => `01${r.of(BASE32, 24)}` },
  'object id': { make: (r) => r.of(HEX, 24) },
  nanoid: { make: (r) => r.of(`${BASE64}_-`, 21) },
  'name of a pod': { make: (r) => `web-${r.of(HEX, 10)}-${r.of('bcdfghjklmnpqrstvwxz2456789', 5)}` },
  ISBN: { make: (r) => `978-${r.below(10)}-${r.digits(2)}-${r.digits(6)}-${r.below(10)}` },
  'bar code': { make: (r) => `4${r.digits(7)}` },
  'article number': { make: (r) => r.like('@@-####-@') },
  serial: { make: (r) => r.like('@@@########') },
  IMEI: { make: (r) => `35${r.digits(13)}` },
  port: { make: (r) => `localhost:${r.between(1024, 65_535)}` },
  ratio: { make: (r) => `${r.below(100)}/${r.below(100)} (${r.below(100)}.${r.below(10)}%)` },
  'base 64': { make: (r) => `${r.of(BASE64, r.between(20, 60))}==` },
  colour: { make: (r) => `#${r.of(HEX, 6)}` },
};

/** Texts around them that speak of nothing sensitive. */
const CARRIERS = ['%', 'id=%', 'the record % was updated', '{"id":"%","state":"done"}', 'see % for details', '%, shipped', 'GET /items/% 200', '"%"'];

export function benignText(value: string, r: Random): string {
  return r.pick(CARRIERS).replace('%', () => value);
}
