import type { ContentKind } from '@interlock/contracts';

/** What can be found: every kind of content but the names of groups. */
export type FoundKind = Exclude<ContentKind, 'national-id'>;

interface KindFacts {
  /** Longest candidate, bytes: what a stream holds back, and what follows it is text of its own. */
  readonly longest: number;
  /** Group that covers it; its placeholder is the group's name. */
  readonly group?: 'national-id';
}

/** A national number; none is longer. */
const NATIONAL_ID: KindFacts = { longest: 24, group: 'national-id' };

/** Every kind, with its bounds. docs/masking.md says what each one is and is not. */
export const KINDS: Readonly<Record<FoundKind, KindFacts>> = {
  card: { longest: 37 },
  secret: { longest: 16_896 },
  person: { longest: 256 },
  place: { longest: 512 },
  iban: { longest: 67 },
  email: { longest: 320 },
  phone: { longest: 48 },
  ip: { longest: 45 },
  mac: { longest: 17 },
  url: { longest: 2_048 },
  'url-credentials': { longest: 2_048 },
  'birth-date': { longest: 32 },
  'bank-account': { longest: 20 },
  passport: { longest: 12 },
  'driver-licence': { longest: 20 },
  'crypto-address': { longest: 90 },
  'us-ssn': NATIONAL_ID,
  'us-itin': NATIONAL_ID,
  'ca-sin': NATIONAL_ID,
  'mx-curp': NATIONAL_ID,
  'br-cpf': NATIONAL_ID,
  'br-cnpj': NATIONAL_ID,
  'cl-rut': NATIONAL_ID,
  'ar-cuit': NATIONAL_ID,
  'uk-nino': NATIONAL_ID,
  'uk-nhs': NATIONAL_ID,
  'ie-pps': NATIONAL_ID,
  'de-tax-id': NATIONAL_ID,
  'at-svnr': NATIONAL_ID,
  'ch-ahv': NATIONAL_ID,
  'fr-nir': NATIONAL_ID,
  'es-dni': NATIONAL_ID,
  'es-nie': NATIONAL_ID,
  'pt-nif': NATIONAL_ID,
  'it-codice-fiscale': NATIONAL_ID,
  'nl-bsn': NATIONAL_ID,
  'be-national-number': NATIONAL_ID,
  'pl-pesel': NATIONAL_ID,
  'cz-rodne-cislo': NATIONAL_ID,
  'ro-cnp': NATIONAL_ID,
  'bg-egn': NATIONAL_ID,
  'hr-oib': NATIONAL_ID,
  'gr-amka': NATIONAL_ID,
  'tr-tckn': NATIONAL_ID,
  'se-personnummer': NATIONAL_ID,
  'no-fodselsnummer': NATIONAL_ID,
  'dk-cpr': NATIONAL_ID,
  'fi-hetu': NATIONAL_ID,
  'baltic-personal-code': NATIONAL_ID,
  'in-aadhaar': NATIONAL_ID,
  'in-pan': NATIONAL_ID,
  'cn-resident-id': NATIONAL_ID,
  'tw-national-id': NATIONAL_ID,
  'kr-rrn': NATIONAL_ID,
  'jp-my-number': NATIONAL_ID,
  'sg-nric': NATIONAL_ID,
  'th-national-id': NATIONAL_ID,
  'my-nric': NATIONAL_ID,
  'il-national-id': NATIONAL_ID,
  'za-id': NATIONAL_ID,
  'au-tfn': NATIONAL_ID,
  'au-medicare': NATIONAL_ID,
};

export const FOUND_KINDS = Object.keys(KINDS) as readonly FoundKind[];

/** The name under which a finding is masked: of its group, where it has one. Ids of recognizers stand for themselves. */
export function groupOf(kind: string): string {
  return KINDS[kind as FoundKind]?.group ?? kind;
}

/** All but names of persons and places: what one value tells by itself, and in microseconds. */
export const VALUE_KINDS: readonly FoundKind[] = FOUND_KINDS.filter((kind) => kind !== 'person' && kind !== 'place');

/** The kinds that a rule's kinds stand for, a group's name for all in it. */
export function foundKinds(kinds: readonly ContentKind[]): ReadonlySet<FoundKind> {
  return new Set(kinds.flatMap((kind) => (kind === 'national-id' ? FOUND_KINDS.filter((found) => KINDS[found].group === kind) : [kind])));
}
