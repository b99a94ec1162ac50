import { ReleasedTokenKeys, type RpcClient } from '@interlock/contracts';
import type { CipherBook, ValueCipher } from '@interlock/domain-masking';
import type { Log, Seals } from './connector-ports.js';

/** Ciphers, asked for when they are needed. */
export interface AskedCiphers extends CipherBook {
  /** Settles when these kinds have been asked for; undefined when nothing has to be waited for. What did not come is not there: its cells are redacted. */
  ready(kinds: readonly string[]): Promise<void> | undefined;
}

export interface TokenKeyBookPorts {
  readonly rpc: RpcClient;
  readonly seals: Pick<Seals, 'open'>;
  readonly logger: Pick<Log, 'warn'>;
  readonly nowMs: () => number;
  readonly connector: string;
  readonly ringOf: (keys: ReleasedTokenKeys) => CipherBook;
}

/** After this long a newer key is asked for, while the present one goes on. */
export const REFRESH_MS = 300_000;
/** Where nothing came, it is not asked for again before. */
export const RETRY_MS = 5_000;

/** The keys of tokens that this connector was given, in memory and nowhere else. */
export class TokenKeyBook implements AskedCiphers {
  readonly #ports: TokenKeyBookPorts;
  /** By kind: when it was last asked for. */
  readonly #askedAtMs = new Map<string, number>();
  readonly #rings = new Map<string, CipherBook>();
  #asking: Promise<void> | undefined;

  constructor(ports: TokenKeyBookPorts) {
    this.#ports = ports;
  }

  newest(kind: string): ValueCipher | undefined {
    return this.#rings.get(kind)?.newest(kind);
  }

  of(kind: string, version: number): ValueCipher | undefined {
    return this.#rings.get(kind)?.of(kind, version);
  }

  ready(kinds: readonly string[]): Promise<void> | undefined {
    const now = this.#ports.nowMs();
    const due = kinds.filter((kind) => now - (this.#askedAtMs.get(kind) ?? -Infinity) >= (this.#rings.has(kind) ? REFRESH_MS : RETRY_MS));
    if (due.length > 0) this.#asking = this.#ask(due, now);
    return this.#asking && kinds.some((kind) => !this.#rings.has(kind)) ? this.#asking : undefined;
  }

  async #ask(kinds: readonly string[], now: number): Promise<void> {
    for (const kind of kinds) this.#askedAtMs.set(kind, now);
    const before = this.#asking;
    try {
      await before;
      this.#take(await this.#given(kinds));
    } catch (fault) {
      this.#ports.logger.warn('keys of tokens did not come; what they are for is redacted', { kinds, error: fault });
    }
  }

  /** @throws Error where none are given, or what is given cannot be read. */
  async #given(kinds: readonly string[]): Promise<ReleasedTokenKeys> {
    const { rpc, seals, connector } = this.#ports;
    const answer = await rpc.call('masking.releaseKeys', { connector, kinds: [...kinds] });
    if (!answer.ok) throw new Error(answer.refusal.detail);
    const opened = seals.open(answer.value.keys, 'token-keys');
    if (!opened.ok) throw new Error(opened.refusal.detail);
    return parsed(opened.value);
  }

  #take(keys: ReleasedTokenKeys): void {
    for (const kind of new Set(keys.map((key) => key.kind))) this.#rings.set(kind, this.#ports.ringOf(keys.filter((key) => key.kind === kind)));
  }
}

/** What is wrong with it is told to nobody: a message of the parser could hold some of it. */
function parsed(bytes: Buffer): ReleasedTokenKeys {
  try {
    return ReleasedTokenKeys.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new Error('what was given is no list of keys');
  } finally {
    bytes.fill(0);
  }
}
