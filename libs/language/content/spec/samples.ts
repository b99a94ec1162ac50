import type { FoundKind } from '../src/kinds.js';
import { padded, type Random } from './random.js';

/**
 * Numbers made to their rules, without the validators that are measured by them: check digits come from the textbook's definition, over strings
 * and big integers, or from trying which one fits.
 */
type Make = (r: Random) => string;

/** Card numbers as the schemes give them out: prefix and length. */
const CARDS: readonly (readonly [string, number])[] = [
  ['4', 13], ['4', 16], ['4', 19], ['51', 16], ['55', 16], ['2221', 16], ['2720', 16], ['34', 15], ['37', 15], ['300', 14], ['36', 14], ['38', 14], ['6011', 16], ['65', 16], ['644', 16], ['35', 16], ['2131', 15], ['1800', 15],
  ['5018', 12], ['5020', 13], ['5038', 14], ['6304', 12], ['6759', 17], ['6761', 18], ['6763', 19], ['62', 16], ['62', 19],
];

function luhnDigit(digits: string): string {
  const doubled = [...digits].reverse().map((digit, index) => (index % 2 === 0 ? [...String(Number(digit) * 2)].map(Number).reduce((a, b) => a + b) : Number(digit)));
  return String((10 - (doubled.reduce((a, b) => a + b, 0) % 10)) % 10);
}

export function cardNumber(r: Random): string {
  const [prefix, length] = r.pick(CARDS);
  const digits = prefix + r.digits(length - prefix.length - 1);
  return digits + luhnDigit(digits);
}

function card(r: Random): string {
  const number = cardNumber(r);
  const joiner = r.pick(['', '', ' ', '-']);
  if (number.length === 15) return [number.slice(0, 4), number.slice(4, 10), number.slice(10)].join(joiner);
  return number.length % 4 === 0 || number.length > 16 ? number.match(/.{1,4}/g)!.join(number.length % 4 > 0 && number.length % 4 < 3 ? '' : joiner) : number;
}

/** Bodies of a few countries: `#` a digit, `@` a capital letter. */
const IBANS = ['DE##################', 'GB@@@@##############', 'FR####################@##', 'NL@@@@##########', 'ES####################', 'IT@######################', 'PL########################', 'CH#################', 'NO###########', 'MT@@@@#####@@@@@@@@@@@@@@@@@@', 'BE############', 'SE####################', 'SA####################', 'BR#######################@@', 'TR######################'];

function iban(r: Random): string {
  const body = r.like(r.pick(IBANS));
  const [country, rest] = [body.slice(0, 2), body.slice(2)];
  const asNumber = BigInt([...`${rest}${country}00`].map((character) => parseInt(character, 36)).join(''));
  const number = `${country}${padded(98 - Number(asNumber % 97n), 2)}${rest}`;
  return r.pick([number, number.match(/.{1,4}/g)!.join(' ')]);
}

/** Tries the last characters until one fits. */
function trying(r: Random, make: Make, fits: (text: string) => boolean): string {
  for (;;) {
    const text = make(r);
    if (fits(text)) return text;
  }
}

const date = (r: Random): [string, string, string] => [padded(r.between(50, 99), 2), padded(r.between(1, 12), 2), padded(r.between(1, 28), 2)];
const sum = (text: string, weights: readonly number[]): number => weights.reduce((total, weight, index) => total + weight * Number(text[index]), 0);
const name = (r: Random): string => r.pick(['ada', 'bo', 'chi', 'dina', 'eli', 'fatou', 'gil', 'hana', 'ilse', 'jun']);

const LETTERS_OF_SPAIN = 'TRWAGMYFPDXBNJZSQVHLCKE';
const spanish = (number: string): string => number + LETTERS_OF_SPAIN[Number(number) % 23];

export interface Sample {
  readonly kind: FoundKind;
  readonly make: Make;
  /** Texts around it; a weak kind has a word in each. */
  readonly carriers: readonly string[];
}

const PLAIN = ['%', 'it is %.', 'value: %, as told', '{"v":"%"}', '(%)', 'a\t%\tb'];
const near = (...words: string[]): readonly string[] => words.flatMap((word) => [`${word}: %`, `${word} %, as told`, `his ${word} is %.`]);

export const SAMPLES: readonly Sample[] = [
  { kind: 'card', make: card, carriers: PLAIN },
  { kind: 'iban', make: iban, carriers: PLAIN },
  { kind: 'email', make: (r) => `${name(r)}${r.pick(['.', '_', '+', '-'])}${name(r)}${r.below(99)}@${r.pick(['mail', 'münchen', 'a-b', 'x1'])}.${r.pick(['example', 'co.uk', 'museum', 'io', 'xn--p1ai'])}`, carriers: PLAIN },
  { kind: 'ip', make: (r) => Array.from({ length: 4 }, () => r.between(1, 255)).join('.'), carriers: PLAIN },
  { kind: 'ip', make: (r) => Array.from({ length: 8 }, () => r.of('123456789abcdef', 1) + r.of('0123456789abcdef', 3)).join(':'), carriers: PLAIN },
  { kind: 'mac', make: (r) => Array.from({ length: 6 }, () => r.digits(1) + r.of('0123456789abcdef', 1)).join(r.pick([':', '-'])), carriers: PLAIN },
  { kind: 'url', make: (r) => `${r.pick(['http', 'https'])}://${r.pick(['www.', ''])}${name(r)}.example/${r.of('abc/', 5)}?q=${r.below(99)}`, carriers: PLAIN },
  { kind: 'url-credentials', make: (r) => `${r.pick(['postgres', 'amqp', 'https'])}://${name(r)}:${r.of('abcdef0123', 12)}@${name(r)}.example:${r.between(1, 9_999)}/x`, carriers: PLAIN },
  { kind: 'phone', make: (r) => r.like(r.pick(['+49 30 ######', '+1-2##-5##-####', '+44 20 7### ####', '+33 1 ## ## ## ##', '+4179#######', '(2##) 5##-####', '2##-5##-####', '(3##) 6##-#### x###', '001-4##-5##-####', '1-8##-5##-####'])), carriers: PLAIN },
  { kind: 'phone', make: (r) => r.like(r.pick(['030 ### ## ##', '0## ### ####', '## ## ## ## ##', '(0##) ### ###', '0####-######', '0#########', '## ### ## ##'])), carriers: near('phone', 'mobile', 'Tel').concat('call me at %', 'reach us under %') },
  { kind: 'birth-date', make: (r) => { const [y, m, d] = date(r); return r.pick([`19${y}-${m}-${d}`, `${m}/${d}/19${y}`, `${d}.${m}.19${y}`, `${Number(d)} March 19${y}`, `Oct ${Number(d)}, 19${y}`]); }, carriers: near('DOB', 'date of birth').concat('born %', 'born on %.') },
  { kind: 'us-ssn', make: (r) => `${padded(r.between(667, 899), 3)}-${padded(r.between(1, 99), 2)}-${padded(r.between(1, 9_999), 4)}`, carriers: PLAIN },
  { kind: 'us-ssn', make: (r) => `${padded(r.between(1, 665), 3)}${padded(r.between(1, 99), 2)}${padded(r.between(1, 9_999), 4)}`, carriers: near('SSN', 'social security number') },
  { kind: 'us-itin', make: (r) => `9${r.digits(2)}-${r.between(70, 88)}-${padded(r.between(1, 9_999), 4)}`, carriers: PLAIN },
  { kind: 'uk-nino', make: (r) => `${r.of('ABCEHJLMPRSWXY', 1)}${r.of('ABCEGHJLMPRSWXYZ', 1)}${r.digits(6)}${r.of('ABCD', 1)}`.replace(/^(BG|ZZ|GB)/, 'AB'), carriers: PLAIN },
  { kind: 'uk-nhs', make: (r) => trying(r, () => r.digits(10), (t) => sum(t, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0 && new Set(t).size > 1), carriers: near('NHS') },
  { kind: 'de-tax-id', make: steuerId, carriers: near('Steuer-ID', 'tax id') },
  { kind: 'fr-nir', make: (r) => { const [y, m] = date(r); const body = `${r.pick(['1', '2'])}${y}${m}${padded(r.between(1, 89), 2)}${r.digits(6)}`; return body + padded(97 - Number(BigInt(body) % 97n), 2); }, carriers: PLAIN },
  { kind: 'es-dni', make: (r) => spanish(r.digits(8)), carriers: PLAIN },
  { kind: 'es-nie', make: (r) => { const digit = r.below(3); return `${'XYZ'[digit]}${spanish(`${digit}${r.digits(7)}`).slice(1)}`; }, carriers: PLAIN },
  { kind: 'nl-bsn', make: (r) => trying(r, () => r.digits(9), (t) => Number(t) > 0 && sum(t, [9, 8, 7, 6, 5, 4, 3, 2, 10]) % 11 === 0), carriers: near('BSN') },
  { kind: 'pl-pesel', make: (r) => { const body = date(r).join('') + r.digits(4); return body + ((10 - (sum(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10); }, carriers: near('PESEL') },
  { kind: 'se-personnummer', make: (r) => { const body = date(r).join('') + r.digits(3); return `${body.slice(0, 6)}-${body.slice(6)}${luhnDigit(body)}`; }, carriers: PLAIN },
  { kind: 'fi-hetu', make: (r) => { const [y, m, d] = date(r); const serial = padded(r.between(2, 899), 3); return `${d}${m}${y}-${serial}${'0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(`${d}${m}${y}${serial}`) % 31]}`; }, carriers: PLAIN },
  { kind: 'no-fodselsnummer', make: (r) => trying(r, () => { const [y, m, d] = date(r); return `${d}${m}${y}${r.digits(5)}`; }, (t) => sum(t, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0]) % 11 === 0 && sum(t, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0), carriers: near('fødselsnummer') },
  { kind: 'be-national-number', make: (r) => { const [y, m, d] = date(r); const body = `${y}${m}${d}${padded(r.between(1, 997), 3)}`; return `${y}.${m}.${d}-${body.slice(6)}.${padded(97 - (Number(body) % 97), 2)}`; }, carriers: PLAIN },
  { kind: 'br-cpf', make: (r) => { const body = cpfDigits(cpfDigits(r.digits(9))); return `${body.slice(0, 3)}.${body.slice(3, 6)}.${body.slice(6, 9)}-${body.slice(9)}`; }, carriers: PLAIN },
  { kind: 'in-pan', make: (r) => r.like('@@@P@####@'), carriers: PLAIN },
  { kind: 'cn-resident-id', make: (r) => { const [y, m, d] = date(r); const body = `11010519${y}${m}${d}${r.digits(3)}`; const rest = Number([...body].reduce((total, digit, index) => total + BigInt(digit) * 2n ** BigInt(17 - index), 0n) % 11n); return body + '10X98765432'[rest]; }, carriers: PLAIN },
  { kind: 'ca-sin', make: (r) => { const body = `${r.between(1, 7)}${r.digits(7)}`; return (body + luhnDigit(body)).match(/.{3}/g)!.join(r.pick([' ', '-'])); }, carriers: near('SIN') },
  { kind: 'au-tfn', make: (r) => trying(r, () => `${r.between(1, 9)}${r.digits(8)}`, (t) => sum(t, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0).match(/.{3}/g)!.join(' '), carriers: near('TFN') },
  { kind: 'passport', make: (r) => r.like(r.pick(['#########', '@########'])), carriers: near('passport') },
  { kind: 'driver-licence', make: (r) => r.like(r.pick(['########', '@#######'])), carriers: near("driver's license") },
  { kind: 'bank-account', make: (r) => r.digits(r.between(8, 14)), carriers: near('bank account') },
];

function steuerId(r: Random): string {
  const twice = r.below(10);
  const others = Array.from({ length: 10 }, (_, digit) => digit).filter((digit) => digit !== twice);
  const digits = trying(r, () => [...others.toSpliced(r.below(9), 1), twice, twice].map((digit) => [r.below(1e6), digit] as const).sort(([a], [b]) => a - b).map(([, digit]) => digit).join(''), (t) => !t.startsWith('0'));
  // By trying: the check of ISO 7064 as its definition has it.
  return digits + [...'0123456789'].find((check) => {
    const left = [...digits].reduce((carried, digit) => (((carried + Number(digit)) % 10 || 10) * 2) % 11, 10);
    return (left + Number(check)) % 10 === 1;
  })!;
}

function cpfDigits(body: string): string {
  const rest = ([...body].reduce((total, digit, index) => total + Number(digit) * (body.length + 1 - index), 0) * 10) % 11;
  return body + (rest % 10);
}
