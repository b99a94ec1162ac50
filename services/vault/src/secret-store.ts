import { accepted, refused, type AggregateStore, type Outcome, type Versioned } from '@interlock/kernel';
import { Credential, type SecretKind, type SecretState } from '@interlock/contracts';
import { unwrapAtRest, wrapAtRest } from '@interlock/adapter-sealing';

/** What is known about a stored secret without opening it. */
export interface SecretLabel {
  readonly target: string;
  readonly kind: SecretKind;
  readonly setBy: string;
  readonly setAt: string;
}

const KINDS: readonly SecretKind[] = ['standing', 'probe', 'elevated'];
const ATTEMPTS = 5;

/**
 * Secrets encrypted at rest. Each is wrapped under a data key of its own, and that under the key-encryption key, bound to
 * its target and kind: a stored value moved to another target does not open.
 */
export class SecretStore {
  constructor(private readonly store: AggregateStore<SecretState>, private readonly kek: Uint8Array) {}

  /** Stores what `plaintext` holds in place of what was there. Refuses with `conflict` when others keep writing the same target. */
  async put(label: SecretLabel, plaintext: Uint8Array): Promise<Outcome<SecretLabel>> {
    const { target, kind, setBy, setAt } = label;
    const wrapped = wrapAtRest(this.kek, plaintext, contextOf(target, kind)).toString('base64');
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const current = await this.store.get(keyOf(target));
      const next: SecretState = { ...(current?.value ?? { target }), [kind]: { wrapped, setBy, setAt } };
      const stored = await this.store.put(keyOf(target), next, current?.revision ?? 0);
      if (stored.ok) return accepted(label);
      if (stored.refusal.reason !== 'conflict') return stored;
    }
    return refused('conflict', `The secrets of ${target} are being set by others at this moment.`, { hint: 'Try again.', retryable: true });
  }

  /**
   * The plaintext of this kind. A target without a probe secret is read with the standing one.
   *
   * Refuses with `secret_missing`, `secret_unreadable` when the key-encryption key is not the one it was stored under, or `secret_malformed`
   * when what it holds is no credential.
   */
  async open(target: string, kind: SecretKind): Promise<Outcome<Buffer>> {
    const state = (await this.store.get(keyOf(target)))?.value;
    const found = kind === 'probe' && !state?.probe ? 'standing' : kind;
    const secret = state?.[found];
    if (!secret) return refused('secret_missing', `Target ${target} has no ${found} secret.`, { hint: `Set one with: interlock secrets set ${target} --user USER --kind ${found}` });
    const opened = unwrapAtRest(this.kek, Buffer.from(secret.wrapped, 'base64'), contextOf(target, found));
    if (!opened.ok) return refused('secret_unreadable', `The secret of target ${target} cannot be decrypted with the vault's key-encryption key.`, { hint: 'Give the vault the key it was stored under, or set the secret anew.' });
    if (isCredential(opened.value)) return opened;
    opened.value.fill(0);
    return refused('secret_malformed', `The ${found} secret of target ${target} is no credential.`, { hint: `Set it anew with: interlock secrets set ${target} --user USER --kind ${found}` });
  }

  async list(): Promise<readonly SecretLabel[]> {
    return (await this.store.list()).flatMap(labelsOf);
  }

  /** Targets whose secrets cannot be given: this key-encryption key does not open them, or they are no credentials. */
  async unreadable(): Promise<readonly string[]> {
    const labels = await this.list();
    const opened = await Promise.all(labels.map(async ({ target, kind }) => ({ target, outcome: await this.open(target, kind) })));
    return opened.filter(({ outcome }) => !outcome.ok).map(({ target }) => target);
  }
}

/** Whether it is a credential as JSON. What it is instead is told to nobody. */
export function isCredential(plaintext: Buffer): boolean {
  try {
    return Credential.safeParse(JSON.parse(plaintext.toString('utf8'))).success;
  } catch {
    return false;
  }
}

function labelsOf({ value }: Versioned<SecretState>): readonly SecretLabel[] {
  return KINDS.flatMap((kind) => {
    const secret = value[kind];
    return secret ? [{ target: value.target, kind, setBy: secret.setBy, setAt: secret.setAt }] : [];
  });
}

function contextOf(target: string, kind: SecretKind): string {
  return `interlock-secret/v1\n${target}\n${kind}`;
}

/** One token of a subject: dots part subjects, so they are written out, and so is the sign that writes them out. */
function keyOf(target: string): string {
  return target.replaceAll('_', '_5F').replaceAll('.', '_2E');
}
