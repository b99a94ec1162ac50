import { assigned, straight, token, type SecretKind } from '../kind.js';

/** What a value behind a name may be made of: what is printed, without spaces, quotes, commas, semicolons, brackets, `<`, `>`, `&` and the backslash. */
const VALUE = '[!#-%*+.-:=?-Z^_a-z|~-]';
/** The same with what only passwords hold. */
const PASSWORD = '[!#-&*+.-:=?-Z^_a-z|~-]';

/** Values behind a word that says they are secret: found by the word, kept where their characters look drawn by chance. */
export const GENERIC: readonly SecretKind[] = [
  assigned('password', 'password', ['password', 'passwd', 'passwort', 'pwd', 'passphrase', 'kennwort', 'contrasena', 'mot_de_passe', 'pass_word'], `${PASSWORD}{6,128}`, { entropy: 2.2, wary: 'of words' }),
  straight('pass', 'password', ['pass', 'psw', 'pw'], `${PASSWORD}{6,128}`, { entropy: 2.2, wary: 'of words' }),
  assigned('secret', 'secret', ['secret'], `${VALUE}{8,200}`, { entropy: 2.4 }),
  assigned('client-secret', 'client secret', ['client_secret', 'app_secret', 'consumer_secret'], `${VALUE}{8,200}`, { entropy: 2.4, score: 0.5 }),
  assigned('token', 'token', ['token'], `${VALUE}{12,400}`, { entropy: 3 }),
  assigned('access-token', 'access token', ['access_token', 'auth_token', 'refresh_token', 'bearer_token', 'id_token', 'oauth_token', 'api_token'], `${VALUE}{12,1000}`, { entropy: 3, score: 0.5 }),
  assigned('api-key', 'API key', ['api_key', 'api key', 'app_key', 'application_key'], `${VALUE}{12,200}`, { entropy: 3, score: 0.5 }),
  assigned('access-key', 'access key', ['access_key', 'account_key', 'storage_key', 'service_key', 'master_key', 'admin_key', 'license_key'], `${VALUE}{12,200}`, { entropy: 3 }),
  assigned('secret-key', 'secret key', ['secret_key', 'secret_access_key', 'shared_secret', 'session_secret', 'cookie_secret', 'jwt_secret', 'webhook_secret', 'hmac_secret', 'signing_secret'], `${VALUE}{8,200}`, { entropy: 2.4, score: 0.5 }),
  assigned('private-key', 'private key', ['private_key', 'priv_key', 'ssh_key'], `${VALUE}{16,2000}`, { entropy: 3.2 }),
  assigned('encryption-key', 'encryption or signing key', ['encryption_key', 'encrypt_key', 'aes_key', 'signing_key', 'hmac_key', 'crypto_key', 'cipher_key', 'kms_key', 'fernet_key', 'sealing_key'], `${VALUE}{16,200}`, { entropy: 3, score: 0.5 }),
  assigned('credential', 'credential', ['credential', 'creds', 'auth_key', 'auth_secret', 'authorization'], `${VALUE}{10,400}`, { entropy: 2.8 }),
  assigned('webhook-key', 'secret of a webhook', ['webhook_key', 'webhook_token', 'hook_secret'], `${VALUE}{12,200}`, { entropy: 3 }),
  assigned('totp-seed', 'seed of one-time codes', ['otp_secret', 'totp_secret', 'mfa_secret', '2fa_secret', 'totp_seed', 'otp_seed'], '[A-Za-z2-7=]{16,64}', { entropy: 2.8, score: 0.6 }),
  token('totp-uri', 'secret of a TOTP address', '[A-Z2-7a-z]{16,64}', { before: 'otpauth://[!-~]{1,200}?[?&]secret=', entropy: 2.8, score: 0.85 }),
  assigned('recovery-phrase', 'recovery phrase', ['mnemonic', 'seed_phrase', 'seed phrase', 'recovery_phrase', 'recovery phrase'], '(?:[a-z]{3,8} ){11}(?:(?:[a-z]{3,8} ){12})?[a-z]{3,8}', { score: 0.8, wary: 'of references' }),
];
