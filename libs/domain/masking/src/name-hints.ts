/**
 * What the name of a column lets one expect of it, as tags. Names are read word by word (`customer_eMail`, `CustomerEmail` and `customer-email` are the same), because a part of
 * a word says nothing: `discard` holds no card.
 */
const HINTS: readonly (readonly [tag: string, ...phrases: (readonly string[])[]])[] = [
  ['email', ['email'], ['mail'], ['e', 'mail'], ['emails'], ['mailbox']],
  ['phone', ['phone'], ['telephone'], ['tel'], ['mobile'], ['cell'], ['fax'], ['msisdn'], ['telefon']],
  ['card', ['card', 'number'], ['card', 'no'], ['cardnumber'], ['credit', 'card'], ['pan'], ['cc', 'number'], ['ccnum']],
  ['iban', ['iban'], ['account', 'number'], ['bank', 'account'], ['bban'], ['kontonummer']],
  ['national-id', ['ssn'], ['social', 'security'], ['national', 'id'], ['nin'], ['nino'], ['tax', 'id'], ['tin'], ['passport'], ['cpf'], ['dni'], ['bsn'], ['pesel'], ['aadhaar'], ['driver', 'licence'], ['driver', 'license'], ['driving', 'licence']],
  ['birth-date', ['dob'], ['birthday'], ['birthdate'], ['birth', 'date'], ['date', 'of', 'birth'], ['born'], ['geburtsdatum']],
  ['person', ['first', 'name'], ['last', 'name'], ['full', 'name'], ['surname'], ['firstname'], ['lastname'], ['fullname'], ['given', 'name'], ['family', 'name'], ['maiden', 'name'], ['middle', 'name'], ['vorname'], ['nachname']],
  ['address', ['address'], ['street'], ['postcode'], ['zip'], ['zipcode'], ['postal', 'code'], ['strasse'], ['plz']],
  ['income', ['salary'], ['wage'], ['income'], ['gehalt']],
  ['health', ['diagnosis'], ['icd'], ['medication'], ['allergies'], ['blood', 'type'], ['blood', 'group']],
  ['secret', ['password'], ['passwd'], ['pwd'], ['secret'], ['token'], ['api', 'key'], ['apikey'], ['private', 'key'], ['pin'], ['cvv'], ['cvc'], ['password', 'hash'], ['otp']],
  ['ip', ['ip'], ['ip', 'address'], ['ipaddr'], ['remote', 'addr']],
];

/** The tags that a column's name speaks for, the likeliest first: more words that fit count for more. */
export function tagsByName(column: string): readonly string[] {
  const words = wordsOf(column);
  const found = HINTS.flatMap(([tag, ...phrases]) => {
    const longest = Math.max(0, ...phrases.filter((phrase) => holds(words, phrase)).map((phrase) => phrase.length));
    return longest === 0 ? [] : [{ tag, longest }];
  });
  return found.sort((one, other) => other.longest - one.longest).map(({ tag }) => tag);
}

function wordsOf(name: string): readonly string[] {
  return name.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

function holds(words: readonly string[], phrase: readonly string[]): boolean {
  return words.some((_, start) => phrase.every((word, index) => words[start + index] === word));
}
