import { isBasic, isJwt } from '../checks.js';
import { ARMOUR_BYTES, token, type SecretKind } from '../kind.js';

/** What a private key's armour holds, between its lines, as it is or inside of a string with `\n` for its line ends. */
const ARMOURED = '[A-Za-z0-9+/=\\s\\\\:,.()"\'|>#*_-]';

function armour(words: string): string {
  return `-----BEGIN ${words}-----(?:${ARMOURED}*?-----END ${words}-----|[A-Za-z0-9+/=\\s\\\\:,]{24}[A-Za-z0-9+/=\\s\\\\:,]*)`;
}

/** Private keys, tokens that carry their own proof, credentials of protocols. */
export const KEYS: readonly SecretKind[] = [
  token('rsa-private-key', 'RSA private key', armour('RSA PRIVATE KEY'), { score: 1, longest: ARMOUR_BYTES }),
  token('ec-private-key', 'EC private key', armour('EC PRIVATE KEY'), { score: 1, longest: ARMOUR_BYTES }),
  token('dsa-private-key', 'DSA private key', armour('DSA PRIVATE KEY'), { score: 1, longest: ARMOUR_BYTES }),
  token('openssh-private-key', 'OpenSSH private key', armour('OPENSSH PRIVATE KEY'), { score: 1, longest: ARMOUR_BYTES }),
  token('pkcs8-private-key', 'private key (PKCS #8)', armour('PRIVATE KEY'), { score: 1, longest: ARMOUR_BYTES }),
  token('pkcs8-encrypted-private-key', 'encrypted private key (PKCS #8)', armour('ENCRYPTED PRIVATE KEY'), { score: 0.9, longest: ARMOUR_BYTES }),
  token('pgp-private-key', 'OpenPGP private key', armour('PGP PRIVATE KEY BLOCK'), { score: 1, longest: ARMOUR_BYTES }),
  token('ssh2-private-key', 'SSH2 private key', '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----[A-Za-z0-9+/=\\s\\\\:,."@-]*?---- END SSH2 ENCRYPTED PRIVATE KEY ----', { score: 1, longest: ARMOUR_BYTES }),
  token('putty-private-key', 'PuTTY private key', '[A-Za-z0-9+/=\\s\\\\]{24}[A-Za-z0-9+/=\\s\\\\]*', { before: 'private-lines: \\d{1,3}', after: '', score: 1, longest: ARMOUR_BYTES }),
  token('age-secret-key', 'age secret key', 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}', { score: 1 }),
  token('minisign-secret-key', 'minisign secret key', 'RW[QR][A-Za-z0-9+/]{200,220}={0,2}', { entropy: 3 }),
  token('wireguard-private-key', 'WireGuard private key', '[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=', { before: '(?:private|preshared)key ?= ?', score: 0.85 }),
  token('jwk-private-key', 'private part of a JSON Web Key', '[A-Za-z0-9_-]{40,700}', { before: '(?:"d"[ ]?:[ ]?"|\\\\"d\\\\"[ ]?:[ ]?\\\\")', keywords: ['"d"', '\\"d\\"'], score: 0.8, entropy: 3.5 }),
  token('jwt', 'JSON Web Token', 'eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{16,}', { beginsRun: true, check: { passes: isJwt, required: false } }),
  token('jwe', 'JSON Web Encryption', 'eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]{16}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{22}', { beginsRun: true }),
  token('bearer-token', 'bearer token', '[A-Za-z0-9._~+/-]{16,1000}={0,2}', { before: 'bearer[ ]', score: 0.6, wary: 'of names', entropy: 3 }),
  token('basic-credentials', 'user and password of HTTP Basic authentication', '[A-Za-z0-9+/]{8,400}={0,2}', { before: 'basic[ ]', score: 0.7, check: { passes: isBasic, required: true } }),
  token('digest-response', 'authorization token scheme', '[A-Za-z0-9._~+/-]{20,400}={0,2}', { before: 'authorization["\'\\\\]{0,2}[ ]{0,2}[:=][ ]{0,2}["\'\\\\]{0,2}(?:token|apikey|api-key|key)[ =]{1,2}', score: 0.6, wary: 'of references', entropy: 3 }),
  token('curl-user-password', 'password on the command line of curl', '[!#-&(-\\[\\]-~]{3,128}', { before: 'curl[ ][!-~ ]*?[ ](?:-u|--user)[ =]?["\']?[\\w.@+-]+:', score: 0.6, wary: 'of references' }),
  token('mysql-flag-password', 'password on the command line of MySQL', '[!#-&(-\\[\\]-~]{6,64}', { before: 'mysql(?:dump|admin)?[ ][!-~ ]*?[ ]-p', score: 0.5, wary: 'of references', entropy: 2.4 }),
  token('sshpass-password', 'password on the command line of sshpass', '[!#-&(-\\[\\]-~]{3,64}', { before: 'sshpass[ ]-p[ ]?["\']?', score: 0.7, wary: 'of references' }),
  token('netrc-password', 'password of a .netrc file', '[!#-~]{4,128}', { before: 'machine[ \\n\\t]{1,4}[\\w.-]{1,80}[ \\n\\t]{1,4}login[ \\n\\t]{1,4}[\\w.@+-]{1,80}[ \\n\\t]{1,4}password[ \\n\\t]{1,4}', score: 0.8, wary: 'of references' }),
  token('pgpass-password', 'password of a .pgpass file', '[!-9;-~]{3,128}', { before: ':543\\d:[\\w*]{1,63}:[\\w*]{1,63}:', score: 0.6, wary: 'of references', keywords: [':5432:', ':5433:'] }),
  token('unix-password-hash', 'hash of a password (crypt)', '\\$(?:6\\$|5\\$|y\\$|2[aby]\\$\\d\\d\\$|argon2id?\\$)[A-Za-z0-9./$=,+]{20,200}', { keywords: ['$6$', '$5$', '$y$', '$2a$', '$2b$', '$2y$', '$argon2'], score: 0.7 }),
  token('ansible-vault', 'Ansible vault', '\\$ANSIBLE_VAULT;1\\.\\d;AES256[a-z0-9;\\s]{64}[a-f0-9\\s]*', { score: 0.6, after: '', longest: ARMOUR_BYTES }),
  token('htpasswd-hash', 'hash of a password (htpasswd)', '\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}'),
];
