import { uuid } from './examples.js';
import { ALPHANUMERIC, BASE64, HEX, random, type Below } from './sample.js';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const URL_SAFE = `${ALPHANUMERIC}_-`;
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Writes a format down: each letter of `alphabet` with a length stands for so many characters of it, text stands for itself. */
function format(...parts: readonly (string | readonly [alphabet: string, length: number])[]): (below: Below) => string {
  return (below) => parts.map((part) => (typeof part === 'string' ? part : random(part[0], part[1], below))).join('');
}

/** Formats as their providers describe them, written down without a look at the patterns. The name stands before the value where the format does not say enough. */
export const FORMATS: readonly (readonly [what: string, make: (below: Below) => string, name?: string])[] = [
  ['AWS access key id', format('AKIA', ['ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16])],
  ['AWS secret access key', format([BASE64, 40]), 'aws_secret_access_key'],
  ['GitHub classic token', format('ghp_', [ALPHANUMERIC, 36])],
  ['GitHub fine-grained token', format('github_pat_11', [UPPER, 9], '0', [ALPHANUMERIC, 10], '_', [ALPHANUMERIC, 59])],
  ['GitLab token', format('glpat-', [URL_SAFE, 20])],
  ['Slack bot token', format('xoxb-', ['0123456789', 12], '-', ['0123456789', 13], '-', [ALPHANUMERIC, 24])],
  ['Stripe live key', format('sk_live_51', [ALPHANUMERIC, 97])],
  ['Stripe test key', format('sk_test_', [ALPHANUMERIC, 24])],
  ['Google API key', format('AIzaSy', [URL_SAFE, 33])],
  ['Google OAuth secret', format('GOCSPX-', [URL_SAFE, 28])],
  ['SendGrid key', format('SG.', [URL_SAFE, 22], '.', [URL_SAFE, 43])],
  ['Twilio key', format('SK', [HEX, 32])],
  ['Twilio auth token', format([HEX, 32]), 'TWILIO_AUTH_TOKEN'],
  ['npm token', format('npm_', [ALPHANUMERIC, 36])],
  ['PyPI token', format('pypi-AgEIcHlwaS5vcmc', [URL_SAFE, 150])],
  ['OpenAI project key', format('sk-proj-', [URL_SAFE, 74], 'T3BlbkFJ', [URL_SAFE, 74])],
  ['OpenAI key', format('sk-', [ALPHANUMERIC, 20], 'T3BlbkFJ', [ALPHANUMERIC, 20])],
  ['Anthropic key', format('sk-ant-api03-', [URL_SAFE, 93], 'AA')],
  ['Hugging Face token', format('hf_', ['abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 34])],
  ['DigitalOcean token', format('dop_v1_', [HEX, 64])],
  ['Shopify token', format('shpat_', [HEX, 32])],
  ['Square token', format('EAAA', [URL_SAFE, 60])],
  ['Telegram token', format(['123456789', 10], ':AA', [URL_SAFE, 33])],
  ['Discord token', format('MTA', [ALPHANUMERIC, 21], '.G', [ALPHANUMERIC, 5], '.', [URL_SAFE, 38]), 'DISCORD_TOKEN'],
  ['Databricks token', format('dapi', [HEX, 32])],
  ['HashiCorp Vault token', format('hvs.CAESI', [URL_SAFE, 86])],
  ['Terraform token', format([ALPHANUMERIC, 14], '.atlasv1.', [URL_SAFE, 67])],
  ['Azure storage key', format('DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=', [BASE64, 86], '==')],
  ['Azure client secret', format([ALPHANUMERIC, 3], '8Q~', [ALPHANUMERIC, 34])],
  ['Datadog key', format([HEX, 32]), 'DD_API_KEY'],
  ['New Relic key', format('NRAK-', [UPPER, 27])],
  ['Grafana token', format('glsa_', [ALPHANUMERIC, 32], '_', [HEX, 8])],
  ['Heroku key', uuid, 'HEROKU_API_KEY'],
  ['Cloudflare token', format([URL_SAFE, 40]), 'CLOUDFLARE_API_TOKEN'],
  ['Mailgun key', format('key-', [HEX, 32])],
  ['Mailchimp key', format([HEX, 32], '-us14')],
  ['Notion token', format('ntn_', [ALPHANUMERIC, 46])],
  ['Linear key', format('lin_api_', [ALPHANUMERIC, 40])],
  ['Airtable token', format('pat', [ALPHANUMERIC, 14], '.', [HEX, 64])],
  ['Docker Hub token', format('dckr_pat_', [URL_SAFE, 27])],
  ['Artifactory key', format('AKCp8', [ALPHANUMERIC, 68])],
  ['Postman key', format('PMAK-', [HEX, 24], '-', [HEX, 34])],
  ['PlanetScale token', format('pscale_tkn_', [URL_SAFE, 43])],
  ['Supabase token', format('sbp_', [HEX, 40])],
  ['Tailscale key', format('tskey-auth-', [ALPHANUMERIC, 12], 'CNTRL-', [ALPHANUMERIC, 32])],
  ['Figma token', format('figd_', [URL_SAFE, 40])],
  ['age key', format('AGE-SECRET-KEY-1', ['QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58])],
  ['password of an environment', format([`${ALPHANUMERIC}!#%*+-_`, 16]), 'DB_PASSWORD'],
  ['token of a service of one’s own', format([HEX, 40]), 'ACME_DEPLOY_TOKEN'],
  ['key of a service of one’s own', format([ALPHANUMERIC, 32]), 'acmeApiKey'],
  ['Django key', format([`${LOWER}!@#%^*-_=+`, 50]), 'SECRET_KEY'],
  ['PostgreSQL address', format('postgresql://app:', [ALPHANUMERIC, 18], '@db.internal:5432/shop?sslmode=require')],
  ['MongoDB address', format('mongodb+srv://app:', [ALPHANUMERIC, 14], '@cluster0.mongodb.net/shop')],
  ['Redis address', format('redis://:', [ALPHANUMERIC, 24], '@cache.internal:6379/0')],
  ['ADO.NET string', format('Server=db;Database=shop;User Id=app;Password=', [ALPHANUMERIC, 14], ';Encrypt=True')],
  ['JSON Web Token', (below) => `${Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')}.${Buffer.from(`{"sub":"${random(HEX, 20, below)}"}`).toString('base64url')}.${random(URL_SAFE, 342, below)}`],
  ['bearer header', format('Authorization: Bearer ', [URL_SAFE, 40])],
  ['basic header', (below) => `Authorization: Basic ${Buffer.from(`svc:${random(ALPHANUMERIC, 16, below)}`).toString('base64')}`],
  ['npmrc', format('//registry.internal/:_authToken=', [URL_SAFE, 36])],
];
