import type { ContentKind } from '@interlock/contracts';

/** What can be found: every kind of content but the names of groups. */
export type FoundKind = Exclude<ContentKind, 'national-id'>;

interface KindFacts {
  /** Longest candidate, bytes: what a stream holds back, and what follows it is text of its own. */
  readonly longest: number;
  /** Name that other tools give it. */
  readonly common: string;
  /** Group that covers it; its placeholder is the group's name. */
  readonly group?: 'national-id';
}

const id = (common: string, longest = 24): KindFacts => ({ longest, common, group: 'national-id' });

/** Every kind, with its bounds. docs/masking.md says what each one is and is not. */
export const KINDS: Readonly<Record<FoundKind, KindFacts>> = {
  card: { longest: 37, common: 'CREDIT_CARD' },
  secret: { longest: 16_896, common: 'SECRET' },
  person: { longest: 256, common: 'PERSON' },
  place: { longest: 512, common: 'LOCATION' },
  iban: { longest: 67, common: 'IBAN_CODE' },
  email: { longest: 320, common: 'EMAIL_ADDRESS' },
  phone: { longest: 48, common: 'PHONE_NUMBER' },
  ip: { longest: 45, common: 'IP_ADDRESS' },
  mac: { longest: 17, common: 'MAC_ADDRESS' },
  url: { longest: 2_048, common: 'URL' },
  'url-credentials': { longest: 2_048, common: 'URL' },
  'birth-date': { longest: 32, common: 'DATE_TIME' },
  'bank-account': { longest: 20, common: 'US_BANK_NUMBER' },
  passport: { longest: 12, common: 'US_PASSPORT' },
  'driver-licence': { longest: 20, common: 'US_DRIVER_LICENSE' },
  'crypto-address': { longest: 90, common: 'CRYPTO' },
  'us-ssn': id('US_SSN'),
  'us-itin': id('US_ITIN'),
  'ca-sin': id('CA_SIN'),
  'mx-curp': id('MX_CURP'),
  'br-cpf': id('BR_CPF'),
  'br-cnpj': id('BR_CNPJ'),
  'cl-rut': id('CL_RUT'),
  'ar-cuit': id('AR_CUIT'),
  'uk-nino': id('UK_NINO'),
  'uk-nhs': id('UK_NHS'),
  'ie-pps': id('IE_PPS'),
  'de-tax-id': id('DE_TAX_ID'),
  'at-svnr': id('AT_SVNR'),
  'ch-ahv': id('CH_AHV'),
  'fr-nir': id('FR_NIR'),
  'es-dni': id('ES_NIF'),
  'es-nie': id('ES_NIE'),
  'pt-nif': id('PT_NIF'),
  'it-codice-fiscale': id('IT_FISCAL_CODE'),
  'nl-bsn': id('NL_BSN'),
  'be-national-number': id('BE_NATIONAL_NUMBER'),
  'pl-pesel': id('PL_PESEL'),
  'cz-rodne-cislo': id('CZ_RODNE_CISLO'),
  'ro-cnp': id('RO_CNP'),
  'bg-egn': id('BG_EGN'),
  'hr-oib': id('HR_OIB'),
  'gr-amka': id('GR_AMKA'),
  'tr-tckn': id('TR_NATIONAL_ID'),
  'se-personnummer': id('SE_PERSONNUMMER'),
  'no-fodselsnummer': id('NO_FODSELSNUMMER'),
  'dk-cpr': id('DK_CPR'),
  'fi-hetu': id('FI_PERSONAL_IDENTITY_CODE'),
  'baltic-personal-code': id('EE_ISIKUKOOD'),
  'in-aadhaar': id('IN_AADHAAR'),
  'in-pan': id('IN_PAN'),
  'cn-resident-id': id('CN_RESIDENT_ID'),
  'tw-national-id': id('TW_NATIONAL_ID'),
  'kr-rrn': id('KR_RRN'),
  'jp-my-number': id('JP_MY_NUMBER'),
  'sg-nric': id('SG_NRIC_FIN'),
  'th-national-id': id('TH_TNIN'),
  'my-nric': id('MY_NRIC'),
  'il-national-id': id('IL_NATIONAL_ID'),
  'za-id': id('ZA_ID_NUMBER'),
  'au-tfn': id('AU_TFN'),
  'au-medicare': id('AU_MEDICARE'),
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
