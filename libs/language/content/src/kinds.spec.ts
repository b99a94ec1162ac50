import { describe, expect, it } from 'vitest';
import { VALUE_KINDS } from './kinds.js';
import { ContentNet } from './net.js';

const net = new ContentNet(VALUE_KINDS);

function found(text: string, column?: string): string[] {
  const bytes = Buffer.from(text);
  return net.find(bytes, column).map(({ kind, start, end }) => `${kind}:${bytes.subarray(start, end).toString()}`);
}

/** Published examples, and numbers made up by hand to their rules. */
describe('all kinds together find', () => {
  it.each<[string, ...string[]]>([
    ['DE89 3704 0044 0532 0130 00, then more', 'iban:DE89 3704 0044 0532 0130 00'],
    ['GB29NWBK60161331926819', 'iban:GB29NWBK60161331926819'],
    ['(fr1420041010050500013m02606)', 'iban:fr1420041010050500013m02606'],
    ['line\\nNO93 8601 1117 947\\n', 'iban:NO93 8601 1117 947'],
    ['"john..doe"@example.org', 'email:"john..doe"@example.org'],
    ['ada@xn--mnchen-3ya.xn--p1ai', 'email:ada@xn--mnchen-3ya.xn--p1ai'],
    ['root@[192.0.2.1] said', 'email:root@[192.0.2.1]'],
    ['4111-1111-1111-1111@shop.example', 'email:4111-1111-1111-1111@shop.example'],
    ['Rufen Sie +49 (0)30 901820-17 an', 'phone:+49 (0)30 901820-17'],
    ['+1-944-435-4352x04732', 'phone:+1-944-435-4352x04732'],
    ['at (212) 555-0123 ext. 17', 'phone:(212) 555-0123 ext. 17'],
    ['001-825-741-0957', 'phone:001-825-741-0957'],
    ['my phone is 069 987 88 37', 'phone:069 987 88 37'],
    ['https://example.org/a?b=(1). And', 'url:https://example.org/a?b=(1)'],
    ['(see www.example.org/x)', 'url:www.example.org/x'],
    ['dsn postgres://app:s3cret@db.example:5432/x', 'url-credentials:postgres://app:s3cret@db.example:5432/x'],
    ['redis://:pw@cache:6379', 'url-credentials:redis://:pw@cache:6379'],
    ['from 203.0.113.9:443', 'ip:203.0.113.9'],
    ['2001:db8:85a3::8a2e:370:7334', 'ip:2001:db8:85a3::8a2e:370:7334'],
    ['::ffff:192.0.2.128', 'ip:::ffff:192.0.2.128'],
    ['00:1B:44:11:3a:b7 and aa-bb-cc-dd-ee-0f', 'mac:00:1B:44:11:3a:b7', 'mac:aa-bb-cc-dd-ee-0f'],
    ['born on 12 April 1985', 'birth-date:12 April 1985'],
    ['DOB: Apr. 12th, 1985', 'birth-date:Apr. 12th, 1985'],
    ['date_of_birth=1985-04-12', 'birth-date:1985-04-12'],
    ['routing number 021000021', 'bank-account:021000021'],
    ['bank account no. 12345678', 'bank-account:12345678'],
    ['passport C03005988', 'passport:C03005988'],
    ["driver's license D1234567", 'driver-licence:D1234567'],
    ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', 'crypto-address:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
    ['3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', 'crypto-address:3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy'],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'crypto-address:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'crypto-address:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    ['SSN 078051120', 'us-ssn:078051120'],
    ['NHS 943 476 5919', 'uk-nhs:943 476 5919'],
    ['AB 12 34 56 C', 'uk-nino:AB 12 34 56 C'],
    ['PPS 1234567T', 'ie-pps:1234567T'],
    ['Steuer-ID 86095742719', 'de-tax-id:86095742719'],
    ['86 095 742 719', 'de-tax-id:86 095 742 719'],
    ['SVNR 1237 010180', 'at-svnr:1237 010180'],
    ['756.9217.0769.85', 'ch-ahv:756.9217.0769.85'],
    ['2 55 08 14 168 025 38', 'fr-nir:2 55 08 14 168 025 38'],
    ['X-1234567-L', 'es-nie:X-1234567-L'],
    ['contribuinte 123456789', 'pt-nif:123456789'],
    ['BSN 111222333', 'nl-bsn:111222333'],
    ['85.07.30-033.28', 'be-national-number:85.07.30-033.28'],
    ['PESEL 44051401359', 'pl-pesel:44051401359'],
    ['736028/5163', 'cz-rodne-cislo:736028/5163'],
    ['CNP 1630615123457', 'ro-cnp:1630615123457'],
    ['EGN 7523169263', 'bg-egn:7523169263'],
    ['OIB 33392005961', 'hr-oib:33392005961'],
    ['TCKN 10000000146', 'tr-tckn:10000000146'],
    ['fnr 15108695088', 'no-fodselsnummer:15108695088'],
    ['CPR 211062-5629', 'dk-cpr:211062-5629'],
    ['isikukood 37605030299', 'baltic-personal-code:37605030299'],
    ['046 454 286 is my SIN', 'ca-sin:046 454 286'],
    ['BOXW310820HNERXN09', 'mx-curp:BOXW310820HNERXN09'],
    ['11.222.333/0001-81', 'br-cnpj:11.222.333/0001-81'],
    ['12.345.678-5', 'cl-rut:12.345.678-5'],
    ['20-12345678-6', 'ar-cuit:20-12345678-6'],
    ['2341 2341 2346', 'in-aadhaar:2341 2341 2346'],
    ['PAN ABCPE1234F', 'in-pan:ABCPE1234F'],
    ['11010519491231002X', 'cn-resident-id:11010519491231002X'],
    ['A123456789', 'tw-national-id:A123456789'],
    ['S1234567D', 'sg-nric:S1234567D'],
    ['1-2345-67890-12-1', 'th-national-id:1-2345-67890-12-1'],
    ['RSA ID 8001015009087', 'za-id:8001015009087'],
    ['TFN 123 456 782', 'au-tfn:123 456 782'],
    ['medicare 2123 45670 1', 'au-medicare:2123 45670 1'],
  ])('%s', (text, ...spans) => {
    expect(found(text)).toEqual(spans);
  });

  it('what a column speaks of', () => {
    expect([found('078051120'), found('078051120', 'customer_ssn'), found('69 987 88 37', 'homePhone'), found('1985-04-12', 'date_of_birth')]).toEqual([[], ['us-ssn:078051120'], ['phone:69 987 88 37'], ['birth-date:1985-04-12']]);
  });

  it('the kind whose word is nearest', () => {
    expect(found("passport A12345678, driver's license D1234567, ssn 078051120, phone 0301234567")).toEqual(['passport:A12345678', 'driver-licence:D1234567', 'us-ssn:078051120', 'phone:0301234567']);
  });
});

describe('all kinds together leave', () => {
  it.each([
    '550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b-41d4-a716-446655447000 order', 'd41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    '2026-11-23 20:41:07.123456+00', '2026-11-23T20:41:07Z', '20261123204107', '1700000000000000000', '12:34:56', 'v1.2.3.4', 'version 1.2.3.4', '10.15.7-rc.12', '1.2.3.4.5', 'Chrome/120.0.6099.109',
    'ORD-2026-000123', 'INV-20261115-0042', 'PO 4500012345', '123456789', '0301234567', 'std::vector a::b Foo::Bar', 'user@localhost, @handle, logo@2x.png, pkg@1.2.3', 'meeting on 2026-01-15', '978-3-16-148410-0',
    'BC1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD', 'DE89 3704 0044 0532 0130 01', '999.1.1.1', 'the ratio 3/4, 50%, 1,234.56 EUR', 'http://', '://x', 'a:b:c',
    'order 12345678901 of 2026-01-15, 17 pieces', '5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', '1.10.2023 - 31.12.2023',
  ])('%s', (text) => {
    expect(found(text)).toEqual([]);
  });
});
