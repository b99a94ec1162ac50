import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { generateServiceKeys, ServiceKeys } from '@interlock/adapter-sealing';
import { KeyRing } from '@interlock/adapter-tokens';
import { Configuration, draft, ReleasedTokenKeys, type Bundle, type Principal, type TokenKeyState, type Trust } from '@interlock/contracts';
import { issueToken } from '@interlock/domain-masking';
import type { Recognised } from '@interlock/domain-identity';
import { MemoryAggregate, MemoryLedger } from '../../../libs/adapters/memory-log/src/index.js';
import { KeyDesk } from './keys/key-desk.js';
import { TokenKeys } from './keys/token-keys.js';
import { Allowance, TOKENS_PER_HOUR } from './tokens/allowance.js';
import { Detokeniser } from './tokens/detokeniser.js';

const NEEDLE = 'ada@needle.example';
const configuration = Configuration.parse({
  version: 1, issuers: [{ name: 'i', url: 'http://issuer.test', audience: 'interlock', algorithms: ['EdDSA'] }], principals: [], targets: [{ name: 'shop', protocol: 'postgres', host: 'db', database: 'shop' }],
  masking: {
    columns: [{ id: 'mail', target: 'shop', column: 'public.customers.email', transform: 'token', kind: 'email' }, { id: 'card', target: 'shop', column: 'public.customers.card', transform: 'format-preserving', kind: 'card' }],
    detokenise: [{ kind: 'email', roles: ['fraud'] }],
  },
  administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
});
const person = (name: string, ...roles: string[]): Recognised => ({ principal: { name, kind: 'human', issuer: 'i', subject: name, roles } as unknown as Principal, configuration, expiresAtMs: 0 }) as unknown as Recognised;
const REASON = 'ticket 4711';

let kek: Buffer;
let nowMs: number;
let ledger: MemoryLedger;
let stored: MemoryAggregate<TokenKeyState>;
let keys: TokenKeys;
let desk: KeyDesk;
let detokeniser: Detokeniser;
let connector: ServiceKeys;
let api: ServiceKeys;

const keysWith = (key: Buffer): TokenKeys => new TokenKeys({ store: stored, kek: key, newKey: () => randomBytes(32), nowIso: () => new Date(nowMs).toISOString(), record: (made) => ledger.append([draft('tokenkey.made.v1', made)]) });
const events = () => ledger.events.map(({ type, data }) => [type, data]);

beforeEach(() => {
  [kek, nowMs, ledger, stored] = [randomBytes(32), 0, new MemoryLedger(), new MemoryAggregate<TokenKeyState>()];
  const files = { connector: generateServiceKeys(), api: generateServiceKeys() };
  [connector, api] = [new ServiceKeys('connector-postgres', { nkeySeed: '', ...files.connector }), new ServiceKeys('api', { nkeySeed: '', ...files.api })];
  const trust: Trust = { services: { 'connector-postgres': files.connector, api: files.api } };
  keys = keysWith(kek);
  desk = new KeyDesk({ keys, ledger, trust, control: { state: { bundle: { configuration } as Bundle } as never } });
  detokeniser = new Detokeniser({ keys, ledger, trust, allowance: new Allowance(() => nowMs) });
});

async function released(kinds: readonly string[]) {
  const answer = await desk.release('connector-postgres', kinds);
  if (!answer.ok) throw new Error(answer.refusal.reason);
  const opened = connector.open(answer.value.keys, 'token-keys');
  return opened.ok ? ReleasedTokenKeys.parse(JSON.parse(opened.value.toString())) : [];
}

async function issued(value = NEEDLE): Promise<string> {
  const ring = new KeyRing((await released(['email'])).map((one) => ({ ...one, key: Buffer.from(one.key, 'base64') })));
  return issueToken(ring.newest('email')!, Buffer.from(value))!;
}

describe('keys of tokens', () => {
  it('are made when a connector first asks, sealed to it, and recorded beforehand', async () => {
    const [first] = await released(['email', 'unknown']);
    expect(first).toMatchObject({ tenant: 'default', kind: 'email', version: 1 });
    expect(await released(['email'])).toEqual([first]);
    expect(events()).toEqual([
      ['tokenkey.made.v1', { kind: 'email', version: 1 }],
      ['tokenkey.released.v1', { connector: 'connector-postgres', keys: [{ kind: 'email', version: 1 }] }],
      ['tokenkey.released.v1', { connector: 'connector-postgres', keys: [{ kind: 'email', version: 1 }] }],
    ]);
    expect(JSON.stringify([ledger.events, await stored.list()])).not.toContain(first!.key);
  });

  it('go to connectors of this installation only, and nowhere unrecorded', async () => {
    expect(await desk.release('api', ['email'])).toMatchObject({ ok: false, refusal: { reason: 'connector_unknown' } });
    ledger.append = async () => { throw new Error('no ledger'); };
    await expect(desk.release('connector-postgres', ['email'])).rejects.toThrow('no ledger');
    expect(await stored.list()).toEqual([]);
  });

  it('are added to, and older ones stay', async () => {
    const [first] = await released(['email']);
    expect(await desk.rotate(person('dba', 'dba'), 'email')).toMatchObject({ ok: true, value: { key: { kind: 'email', version: 2, madeBy: 'dba' } } });
    expect(await released(['email'])).toEqual([first, expect.objectContaining({ version: 2 })]);
    expect(await desk.rotate(person('dba', 'dba'), 'nothing')).toMatchObject({ refusal: { reason: 'kind_unknown' } });
  });

  it('do not open under another key-encryption key, nor in another place', async () => {
    await released(['email', 'card']);
    expect(await keysWith(randomBytes(32)).open('email')).toMatchObject({ refusal: { reason: 'keys_unreadable' } });
    expect(await keysWith(randomBytes(32)).unreadable()).toEqual(['email', 'card']);
    const [card, email] = [await stored.get('default.card'), await stored.get('default.email')];
    await stored.put('default.email', { ...email!.value, keys: card!.value.keys }, email!.revision);
    expect(await keys.open('email')).toMatchObject({ refusal: { reason: 'keys_unreadable' } });
    expect(await keys.unreadable()).toEqual(['email']);
  });

  it('are made once where two ask at the same time', async () => {
    const [one, other] = await Promise.all([keys.open('email'), keys.open('email')]);
    expect(one).toEqual(other);
    expect((await keys.list()).map(({ version }) => version)).toEqual([1]);
  });
});

describe('what a token stands for', () => {
  it('is told to a person of a role that the configuration names, sealed, and recorded beforehand', async () => {
    const token = await issued();
    const told = await detokeniser.reveal(person('frida', 'fraud'), token, REASON);
    if (!told.ok) throw new Error(told.refusal.reason);
    expect(api.openText(told.value.value, 'detokenised')).toEqual({ ok: true, value: NEEDLE });
    expect(events().at(-1)).toEqual(['token.revealed.v1', { token, kind: 'email', by: 'frida', reason: REASON }]);
    expect(JSON.stringify([told, ledger.events])).not.toContain(NEEDLE);
  });

  it('made with an older key is told as well', async () => {
    const token = await issued();
    await desk.rotate(person('dba', 'dba'), 'email');
    expect(await detokeniser.reveal(person('frida', 'fraud'), token, REASON)).toMatchObject({ ok: true, value: { kind: 'email' } });
  });

  it('is told to nobody whom the ledger does not know of', async () => {
    const token = await issued();
    ledger.append = async () => { throw new Error('no ledger'); };
    await expect(detokeniser.reveal(person('frida', 'fraud'), token, REASON)).rejects.toThrow('no ledger');
  });

  it.each<[string, Recognised, (token: string) => string, string]>([
    ['another role', person('dba', 'dba'), (token) => token, 'role_missing'],
    ['a kind that nobody may be told', person('frida', 'fraud'), (token) => token.replace('email', 'card'), 'detokenise_closed'],
    ['a changed token', person('frida', 'fraud'), (token) => `${token.slice(0, -3)}${token.at(-3) === 'a' ? 'b' : 'a'}${token.slice(-2)}`, 'forged_token'],
    ['a key that there is not', person('frida', 'fraud'), (token) => token.replace('_t1_', '_t7_'), 'key_missing'],
    ['what is no token', person('frida', 'fraud'), () => NEEDLE, 'malformed_token'],
  ])('is not told for %s, which is recorded', async (_, who, changed, reason) => {
    const token = changed(await issued());
    expect(await detokeniser.reveal(who, token, REASON)).toMatchObject({ ok: false, refusal: { reason } });
    expect(events().at(-1)).toEqual(['token.refused.v1', expect.objectContaining({ token: reason === 'malformed_token' ? '(not a token)' : token, by: who.principal.name, reason })]);
    expect(JSON.stringify(events())).not.toContain(NEEDLE);
  });

  it('is told so many times an hour to one person, forgeries included', async () => {
    const token = await issued();
    const frida = person('frida', 'fraud');
    for (let count = 1; count < TOKENS_PER_HOUR; count += 1) await detokeniser.reveal(frida, token.replace('_t1_', '_t7_'), REASON);
    expect(await detokeniser.reveal(frida, token, REASON)).toMatchObject({ ok: true });
    expect(await detokeniser.reveal(frida, token, REASON)).toMatchObject({ refusal: { reason: 'detokenise_rate', retryable: true } });
    expect(await detokeniser.reveal(person('fred', 'fraud'), token, REASON)).toMatchObject({ ok: true });
    nowMs = 3_600_000;
    expect(await detokeniser.reveal(frida, token, REASON)).toMatchObject({ ok: true });
  });
});
