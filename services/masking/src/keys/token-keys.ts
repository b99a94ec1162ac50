import { accepted, refused, type AggregateStore, type Outcome } from '@interlock/kernel';
import type { TokenKeyLabel, TokenKeyState } from '@interlock/contracts';
import { unwrapAtRest, wrapAtRest } from '@interlock/adapter-sealing';
import type { CipherKey } from '@interlock/adapter-tokens';

export interface TokenKeysPorts {
  readonly store: AggregateStore<TokenKeyState>;
  /** The key-encryption key, 32 bytes. */
  readonly kek: Uint8Array;
  /** A fresh key. */
  readonly newKey: () => Buffer;
  readonly nowIso: () => string;
  /** Records that a key is about to be made; without that there is none. */
  readonly record: (made: { readonly kind: string; readonly version: number; readonly by?: string }) => Promise<unknown>;
}

/** The one tenant there is. */
const TENANT = 'default';
const ATTEMPTS = 5;

/**
 * The keys of tokens, by kind. Each is wrapped at rest under a data key of its own, and that under the key-encryption key, bound to tenant, kind and version:
 * a stored key that is moved elsewhere does not open. No key is ever taken away, or its tokens could not be read any more.
 */
export class TokenKeys {
  readonly #ports: TokenKeysPorts;

  constructor(ports: TokenKeysPorts) {
    this.#ports = ports;
  }

  /** Every key of a kind, the oldest first; the first is made where there is none. Refuses with `keys_unreadable`, or `conflict`. */
  async open(kind: string): Promise<Outcome<readonly CipherKey[]>> {
    const present = (await this.#ports.store.get(keyOf(kind)))?.value ?? (await this.#firstOf(kind));
    if ('refusal' in present) return present;
    const opened: CipherKey[] = [];
    for (const { version, wrapped } of present.keys) {
      const key = unwrapAtRest(this.#ports.kek, Buffer.from(wrapped, 'base64'), contextOf(kind, version));
      if (!key.ok) return refused('keys_unreadable', `Key ${version} of kind ${kind} cannot be decrypted with masking's key-encryption key.`, { hint: 'Give masking the key it was stored under.' });
      opened.push({ tenant: TENANT, kind, version, key: key.value });
    }
    return accepted(opened);
  }

  /** Makes a new key for new tokens. */
  async rotate(kind: string, by: string): Promise<Outcome<TokenKeyLabel>> {
    const made = await this.#make(kind, by);
    return made.ok ? accepted(labelsOf(made.value).at(-1)!) : made;
  }

  async list(): Promise<readonly TokenKeyLabel[]> {
    return (await this.#ports.store.list()).flatMap(({ value }) => labelsOf(value));
  }

  /** Kinds whose keys this key-encryption key does not open. */
  async unreadable(): Promise<readonly string[]> {
    const kinds = (await this.#ports.store.list()).map(({ value }) => value.kind);
    const opened = await Promise.all(kinds.map(async (kind) => ({ kind, outcome: await this.open(kind) })));
    return opened.filter(({ outcome }) => !outcome.ok).map(({ kind }) => kind);
  }

  async #firstOf(kind: string): Promise<TokenKeyState | (Outcome<never> & { readonly ok: false })> {
    const made = await this.#make(kind, undefined);
    return made.ok ? made.value : made;
  }

  /** With `by` another one than there are; without, the first, or what others made meanwhile. */
  async #make(kind: string, by: string | undefined): Promise<Outcome<TokenKeyState>> {
    const { store, kek, newKey, nowIso, record } = this.#ports;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const current = await store.get(keyOf(kind));
      if (current && by === undefined) return accepted(current.value);
      const version = (current?.value.keys.at(-1)?.version ?? 0) + 1;
      const wrapped = wrapAtRest(kek, newKey(), contextOf(kind, version)).toString('base64');
      const next: TokenKeyState = { tenant: TENANT, kind, keys: [...(current?.value.keys ?? []), { version, wrapped, madeAt: nowIso(), ...(by !== undefined && { madeBy: by }) }] };
      await record({ kind, version, ...(by !== undefined && { by }) });
      const stored = await store.put(keyOf(kind), next, current?.revision ?? 0);
      if (stored.ok) return accepted(next);
      if (stored.refusal.reason !== 'conflict') return stored;
    }
    return refused('conflict', `Keys of kind ${kind} are being made by others at this moment.`, { hint: 'Try again.', retryable: true });
  }
}

function labelsOf({ kind, keys }: TokenKeyState): TokenKeyLabel[] {
  return keys.map(({ version, madeAt, madeBy }) => ({ kind, version, madeAt, ...(madeBy !== undefined && { madeBy }) }));
}

function contextOf(kind: string, version: number): string {
  return `interlock-token-key/v1\n${TENANT}\n${kind}\n${version}`;
}

function keyOf(kind: string): string {
  return `${TENANT}.${kind}`;
}
