import { checkOf } from '../src/checks.js';
import type { SecretKind } from '../src/kind.js';
import { ALPHANUMERIC, BASE64, random, sampleOf, type Below } from './sample.js';

/** A text around a secret, with the place of the secret in it. */
export interface Example {
  readonly surroundings: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Secrets whose format says less than they are; made when tests run, so that no scanner trips over this file. */
const MADE: Readonly<Record<string, (below: Below) => string>> = {
  jwt: (below) => ['{"alg":"HS256","typ":"JWT"}', `{"sub":"${random(ALPHANUMERIC, 12, below)}"}`].map((part) => Buffer.from(part).toString('base64url')).concat(random(ALPHANUMERIC, 43, below)).join('.'),
  jwe: (below) => [Buffer.from('{"alg":"RSA-OAEP","enc":"A256GCM"}').toString('base64url'), ...[171, 16, 60, 22].map((length) => random(ALPHANUMERIC, length, below))].join('.'),
  'basic-credentials': (below) => Buffer.from(`svc-${random(ALPHANUMERIC, 5, below)}:${random(`${ALPHANUMERIC}!?`, 12, below)}`).toString('base64'),
  'recovery-phrase': (below) => Array.from({ length: 12 }, () => random('abcdefghijklmnoprstuvw', 4 + below(4), below)).join(' '),
  'putty-private-key': (below) => `\n${lines(600, below)}\n`,
  'ansible-vault': (below) => `$ANSIBLE_VAULT;1.1;AES256\n${random('0123456789', 80, below)}\n${random('0123456789', 80, below)}\n`,
  'teams-webhook': (below) => `${uuid(below)}@${uuid(below)}/IncomingWebhook/${random('0123456789abcdef', 32, below)}/${uuid(below)}`,
  ...Object.fromEntries(['ghp', 'gho', 'ghu', 'ghs', 'npm'].map((prefix, index) => [['github-token', 'github-oauth-token', 'github-user-token', 'github-server-token', 'npm-token'][index]!, (below: Below) => {
    const body = random(ALPHANUMERIC, 30, below);
    return `${prefix}_${body}${checkOf(body)}`;
  }])),
};

/** What `before` begins with for kinds whose sample would make no sense. */
const LEADS: Readonly<Record<string, (below: Below) => string>> = {
  'sql-password': (below) => ['CREATE USER app IDENTIFIED BY \'', 'ALTER ROLE app WITH PASSWORD \'', 'ALTER USER app WITH ENCRYPTED PASSWORD \''][below(3)]!,
  'libpq-password': () => 'host=db.internal port=5432 dbname=shop user=app password=',
  'ado-password': () => 'Server=tcp:db.internal,1433;Database=shop;User Id=app;Password=',
  'jdbc-password': () => 'jdbc:postgresql://db.internal/shop?user=app&password=',
  'curl-user-password': () => 'curl -s https://api.internal/v1 -u admin:',
  'mysql-flag-password': () => 'mysqldump -h db.internal -u root -p',
  'netrc-password': () => 'machine api.internal\n  login app\n  password ',
  'pgpass-password': () => 'db.internal:5432:shop:app:',
  'totp-uri': () => 'otpauth://totp/Shop:ada?secret=',
  'digest-response': () => 'Authorization: token ',
};

export function uuid(below: Below): string {
  return [8, 4, 4, 4, 12].map((length) => random('0123456789abcdef', length, below)).join('-');
}

function lines(length: number, below: Below): string {
  return random(BASE64, length, below).match(/.{1,64}/g)!.join('\n');
}

/** A secret of a kind, drawn by chance. */
function secretOf(kind: SecretKind, below: Below): string {
  const armour = /^-----?(?:-)? ?BEGIN ([A-Z0-9 ]+?) ?-----?/.exec(kind.secret);
  if (armour && kind.secret.startsWith('-----')) return `-----BEGIN ${armour[1]}-----\n${lines(800, below)}\n-----END ${armour[1]}-----`;
  if (armour) return `---- BEGIN ${armour[1]} ----\nComment: "key"\n${lines(800, below)}\n---- END ${armour[1]} ----`;
  return MADE[kind.id]?.(below) ?? sampleOf(kind.secret, below);
}

/** Names that a value behind the word of a kind is given, by the manner of each place. */
const NAMES = ['api_key', 'token', 'secret', 'access_key', 'auth_token', 'secret_key'];

const PLACES: Readonly<Record<string, (name: string, secret: string) => readonly [string, string]>> = {
  env: (name) => [`DEBUG=1\n${name.toUpperCase()}=`, '\nPORT=80\n'],
  'env, quoted': (name) => [`${name.toUpperCase()}="`, '"\n'],
  JSON: (name) => [`{"port": 80, "${camel(name)}": "`, '", "debug": true}'],
  'JSON in a string': (name) => [`{"body": "{\\"${name}\\":\\"`, '\\"}"}'],
  YAML: (name) => [`service:\n  ${name}: `, '\n  port: 80\n'],
  shell: (name) => [`export ${name.toUpperCase()}='`, '' + "'\n./run\n"],
  'command line': (name) => [`./run --${name.replaceAll('_', '-')}=`, ' --verbose'],
  code: (name) => [`const ${camel(name)} = "`, '";\nrun();'],
  Python: (name) => [`os.environ["${name.toUpperCase()}"] = "`, '"\n'],
  URL: (name) => [`GET https://api.internal/v1?${name}=`, '&page=2 HTTP/1.1'],
  SQL: (name) => [`INSERT INTO settings VALUES (1, '${name}', '`, "', now());"],
  header: (name) => [`X-${name.replaceAll('_', '-')}: `, '\r\nHost: api.internal'],
};

/** One example of a kind in each of the surroundings that it can stand in. */
export function examplesOf(kind: SecretKind, below: Below): readonly Example[] {
  return Object.entries(PLACES).flatMap(([surroundings, place]) => {
    const secret = secretOf(kind, below);
    if (!fits(surroundings, secret, kind)) return [];
    const [lead, trail] = place(nameFor(kind, below), secret);
    const before = kind.behindKeyword ? '' : (LEADS[kind.id]?.(below) ?? (kind.before === undefined ? '' : sampleOf(kind.before, below)));
    const after = kind.after && kind.id !== 'sql-password' ? sampleOf(kind.after, below) : kind.id === 'sql-password' ? '\'' : '';
    const start = lead.length + before.length;
    return [{ surroundings, text: lead + before + secret + after + trail, start, end: start + secret.length }];
  });
}

function nameFor(kind: SecretKind, below: Below): string {
  if (!kind.behindKeyword) return 'setting';
  const word = kind.keywords![below(kind.keywords!.length)]!.replace(/[^a-z0-9]+/gi, '_').replace(/^_|_$/g, '');
  return kind.wary === 'of words' || kind.wary === 'of names' || kind.id === 'recovery-phrase' || /_(?:key|secret|id)$/.test(word) ? word : `${word}_${NAMES[below(NAMES.length)]!}`;
}

/** What cannot be written there without another form: lines in one line, signs that an address or a quoted text escapes. */
function fits(surroundings: string, secret: string, kind: SecretKind): boolean {
  const special = kind.before !== undefined && !kind.behindKeyword;
  if (secret.includes('\n') || special) return surroundings === 'env' || surroundings === 'YAML';
  if (surroundings === 'URL' && /[^A-Za-z0-9._~-]/.test(secret)) return false;
  return !/["'\\ &<>]/.test(secret) || surroundings === 'env';
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
