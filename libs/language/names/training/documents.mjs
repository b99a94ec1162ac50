import { readdirSync, readFileSync } from 'node:fs';
import { words as popular } from 'popular-english-words';
import { Fillers } from './fillers.mjs';
import * as words from './words.mjs';

/** Groups of templates that training never sees, and one template in so many of the others. */
export const HELD_OUT_GROUPS = ['travel', 'medical'];
const HELD_OUT_EVERY = 6;

const folder = new URL('templates/', import.meta.url);

/** Every template with its group, and whether training may see it. */
export const TEMPLATES = readdirSync(folder).sort().flatMap((file) => {
  const group = file.replace('.txt', '');
  return readFileSync(new URL(file, folder), 'utf8').split('\n').filter(Boolean).map((line, index) => ({
    group,
    text: line.replaceAll('\\n', '\n').replaceAll('\\t', '\t'),
    heldOut: HELD_OUT_GROUPS.includes(group) || (index % HELD_OUT_EVERY === 3 && !line.startsWith('{salad}')),
  }));
});

const COMPOSED = [
  '{num} {street}, {city}, {st} {zip}', '{num} {street}\n{city}, {st} {zip}', '{street} {num}, {zip} {city}', '{num} {street} {unit}, {city}, {country} {zip}',
  '{num} {street} {unit} {city} {country}', '{num} {street}\n{city}\n{country} {zip}', '{num} {street}, {city}, {country}', '{num} {street}, {unit}, {city} {zip}',
  '{street} {num}\n{zip} {city}\n{country}', '{num} {street}\n{unit}\n{city}, {st} {zip}', '{num} {street} {city} {zip}', '{num} {street}, {city} {zip}, {country}',
  '{num} {street}\n{city}\n, {st}\n {country} {zip}', '{street} {num}, {city}', '{num} {street}, {zip} {city}, {country}', '{num} {street}, {unit}, {city}, {state}, {country}', '{corner}', '{num} {street}. {unit}, {city}, {country} {zip}',
  '{num} {street} {unit} {city} {country} {zip}', '{num} {street}\n{city}\n, {st}\n {zip}', '{num} {num} {street}\n{city}, {st} {zip}', '{num} {num} {street}, {city}, {country}',
];

/** Which label a slot's text has. Slots without one are not looked for. */
const SLOT_LABELS = {
  name: 'PERSON', listed: 'PERSON', first: 'PERSON', last: 'PERSON', title: 'TITLE', org: 'ORGANISATION', num: 'NUMBER', street: 'STREET', unit: 'UNIT', city: 'CITY', state: 'STATE', st: 'STATE',
  country: 'COUNTRY', zip: 'ZIP', corner: 'STREET', brand: 'ORGANISATION',
};

const ORDINARY = popular.getMostPopular(6000).filter((word) => /^[a-z]{2,}$/.test(word));

/** Writes texts from templates, with what stands where. */
export class Writer {
  #random;
  #fillers;
  #avoid;

  /** `isName(word)` keeps names out of what is to be ordinary text. */
  constructor(random, heldOut, isName) {
    this.#random = random;
    this.#fillers = new Fillers(random, heldOut);
    this.#avoid = ORDINARY.filter((word) => !isName(word));
  }

  /** One text: `parts` are its labelled pieces (offsets in code units), `hidden` ones as if no list knew them. `groups` are addresses that are one thing. */
  write(template, { hiding = 0, replacing = 0 } = {}) {
    const locale = this.#fillers.locale();
    const context = { locale, hiding, replacing, text: '', parts: [], groups: [] };
    this.#render(template.text, context);
    context.parts = wholeNames(context);
    return this.#noise(context);
  }

  #render(text, context) {
    for (const piece of text.split(/(\{\w+\})/)) {
      const slot = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (!slot) context.text += context.replacing > 0 ? this.#reworded(piece, context.replacing) : piece;
      else if (slot === 'addr') {
        const start = context.text.length;
        this.#render(this.#random.pick(COMPOSED), context);
        context.groups.push({ start, end: context.text.length });
      } else this.#fill(slot, context);
    }
  }

  #fill(slot, context) {
    const label = SLOT_LABELS[slot];
    const hidden = label !== undefined && !['TITLE', 'NUMBER', 'UNIT', 'ZIP'].includes(label) && this.#random.chance(context.hiding);
    let text = this.#valueOf(slot, context.locale);
    if (hidden && this.#random.chance(0.6) && ['PERSON', 'CITY', 'STREET'].includes(label)) text = this.#crossed(text, this.#valueOf(slot, context.locale));
    if (label) text = this.#miswritten(text, label, hidden);
    const start = context.text.length;
    context.text += text;
    if (label) context.parts.push({ start, end: context.text.length, label, hidden });
  }

  /** A template's own text with some of its words exchanged for others, capitals for capitals. */
  #reworded(text, share) {
    return text.replace(/(?<![\w{"'’])[A-Za-z][a-z]{2,}(?![\w}'’":=])/g, (word) => {
      if (!this.#random.chance(share)) return word;
      return /^[A-Z]/.test(word) ? capital(this.#word()) : this.#word();
    });
  }

  /** A word that looks like two others: a name that nobody bears. */
  #crossed(text, other) {
    const second = other.split(' ');
    return text.split(' ').map((word, index) => {
      const mate = second[Math.min(index, second.length - 1)];
      if (word.length < 4 || mate.length < 4 || /\d/.test(word + mate)) return word;
      return word.slice(0, Math.ceil(word.length / 2)) + mate.slice(Math.floor(mate.length / 2)).toLowerCase();
    }).join(' ');
  }

  #miswritten(text, label, hidden) {
    const draw = this.#random.next();
    if (draw < 0.09 && !hidden) return text.toLowerCase();
    if (draw < 0.12 && label !== 'PERSON') return text.toUpperCase();
    if (draw < 0.13) return text.toUpperCase();
    if (draw < 0.18) return text.normalize('NFD').replace(/\p{M}/gu, '');
    return text;
  }

  #valueOf(slot, locale) {
    const random = this.#random;
    const fill = this.#fillers;
    switch (slot) {
      case 'name': return fill.full(locale);
      case 'first': return random.chance(0.3) ? fill.first(fill.locale()) : fill.first(locale);
      case 'last': return fill.last(locale);
      case 'listed': return `${fill.last(locale)}, ${fill.first(locale)}`;
      case 'title': return random.pick(words.TITLES);
      case 'org': return fill.organisation(locale);
      case 'brand': return random.pick(words.BRANDS);
      case 'num': return fill.number();
      case 'street': return fill.street(locale);
      case 'corner': return `${random.pick(['the corner of', 'the junction of', 'corner of', 'Corner'])} ${fill.street(locale)} ${random.pick(['and', 'and', '&', '/'])} ${fill.street(locale)}`;
      case 'unit': return fill.unit();
      case 'city': return fill.city(locale);
      case 'state': return fill.state(locale);
      case 'st': return fill.stateShort();
      case 'country': return fill.country(locale);
      case 'zip': return fill.zip(locale);
      case 'job': return fill.job();
      default: return this.#plainValue(slot);
    }
  }

  #plainValue(slot) {
    const random = this.#random;
    const two = () => random.digits(2);
    switch (slot) {
      case 'date': return random.pick([`${random.between(1, 28)} ${random.pick(words.MONTHS)} ${random.between(1950, 2026)}`, `${random.between(1, 12)}/${random.between(1, 28)}/${random.between(1950, 2026)}`, `${random.between(1950, 2026)}-0${random.between(1, 9)}-${random.between(10, 28)}`, `${random.pick(words.MONTHS)} ${random.between(1, 28)}`, `${random.pick(words.MONTHS).slice(0, 3)} ${random.between(1, 28)}, ${random.between(1950, 2026)}`]);
      case 'iso': return `${random.between(2019, 2026)}-0${random.between(1, 9)}-${random.between(10, 28)}T${random.between(10, 23)}:${two()}:${two()}Z`;
      case 'time': return `${random.between(1, 23)}:${random.between(10, 59)}${random.pick(['', ' pm', ' am', ''])}`;
      case 'year': return `${random.between(1800, 2026)}`;
      case 'month': return random.pick(words.MONTHS);
      case 'weekday': return random.pick(words.WEEKDAYS);
      case 'holiday': return random.pick(words.HOLIDAYS);
      case 'lang': return random.pick(words.LANGUAGES);
      case 'nat': return random.pick(words.NATIONALITIES);
      case 'product': return random.pick(words.PRODUCTS);
      case 'phone': return random.pick([`+${random.between(1, 99)} ${random.digits(3)} ${random.digits(3)} ${random.digits(4)}`, `(${random.digits(3)}) ${random.digits(3)}-${random.digits(4)}`, `0${random.digits(4)} ${random.digits(6)}`, random.digits(10), `${random.digits(3)}-${random.digits(3)}-${random.digits(4)}`]);
      case 'email': return `${this.#word()}${random.pick(['.', '_', ''])}${this.#word()}@${this.#word()}.${random.pick(['com', 'org', 'net', 'de', 'io'])}`;
      case 'url': return random.pick([`https://www.${this.#word()}.com/${this.#word()}`, `http://${this.#word()}.org`, `www.${this.#word()}.net`, `${this.#word()}.com`]);
      case 'card': return random.pick([random.digits(16), `${random.digits(4)} ${random.digits(4)} ${random.digits(4)} ${random.digits(4)}`, random.digits(13)]);
      case 'iban': return `${random.pick(['DE', 'GB', 'FR', 'ES'])}${random.digits(2)} ${random.digits(4)} ${random.digits(4)} ${random.digits(4)} ${random.digits(2)}`;
      case 'ssn': return `${random.digits(3)}-${random.digits(2)}-${random.digits(4)}`;
      case 'money': return random.pick([`$${random.between(1, 9999)}`, `€${random.between(1, 999)}.${random.digits(2)}`, `${random.between(1, 99)},${random.digits(3)} USD`, `£${random.between(1, 99)}m`]);
      case 'id': return random.pick([`${random.pick(['INV', 'ORD', 'TKT', 'CASE', 'A'])}-${random.digits(5)}`, `#${random.digits(6)}`, `${this.#word()}${random.digits(2)}`, `X${random.digits(8)}`]);
      case 'hash': return Array.from({ length: 40 }, () => random.pick([...'0123456789abcdef'])).join('');
      case 'ip': return `${random.between(1, 255)}.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`;
      case 'int': return `${random.pick([random.between(1, 99), random.between(1, 9999), random.between(10000, 9999999)])}`;
      case 'phrase': return Array.from({ length: random.between(2, 4) }, () => capital(this.#word())).join(' ');
      case 'salad': return this.#salad();
      default: throw new Error(`no such slot: ${slot}`);
    }
  }

  #word() {
    return this.#random.chance(0.5) ? this.#avoid[this.#random.below(800)] : this.#random.pick(this.#avoid);
  }

  /** Ordinary words in no order, some of them with a capital: nothing in them is a name. */
  #salad() {
    const length = this.#random.between(4, 16);
    const capitals = this.#random.pick([0, 0, 0.1, 0.2, 0.6, 1]);
    const made = Array.from({ length }, (_, index) => (index === 0 || this.#random.chance(capitals) ? capital(this.#word()) : this.#word()) + (this.#random.chance(0.08) ? ',' : ''));
    return `${made.join(' ')}${this.#random.pick(['.', '!', '?', ''])}`;
  }

  #noise(document) {
    const draw = this.#random.next();
    const text = draw < 0.08 ? lowered(document.text) : draw < 0.11 ? raised(document.text) : document.text;
    return { ...document, text };
  }
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);
/** Letters whose other case is as long, so that offsets stay. */
const lowered = (text) => [...text].map((letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter)).join('');
const raised = (text) => [...text].map((letter) => (letter.toUpperCase().length === letter.length ? letter.toUpperCase() : letter)).join('');

/** A given name and a family name beside each other are one name. */
function wholeNames({ text, parts }) {
  const whole = [];
  for (const part of parts) {
    const previous = whole.at(-1);
    const between = previous && text.slice(previous.end, part.start);
    if (previous?.label === 'PERSON' && part.label === 'PERSON' && between === ' ') whole[whole.length - 1] = { ...previous, end: part.end };
    else whole.push(part);
  }
  return whole;
}
