import { accepted, refused, type Ledger, type Outcome } from '@interlock/kernel';
import { draft, type Configuration, type ReleasedTokenKeys, type SealedBox, type TokenKeyLabel, type Trust } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { seal } from '@interlock/adapter-sealing';
import { connectorOf, type Recognised } from '@interlock/domain-identity';
import type { TokenKeys } from './token-keys.js';

export interface KeyDeskPorts {
  readonly keys: TokenKeys;
  readonly ledger: Ledger;
  readonly trust: Trust;
  readonly control: Pick<ControlFollower, 'state'>;
}

/** Gives keys of tokens to connectors, and makes new ones for people. */
export class KeyDesk {
  readonly #ports: KeyDeskPorts;

  constructor(ports: KeyDeskPorts) {
    this.#ports = ports;
  }

  /** Of the kinds asked for, those that rules in force name, sealed to the connector once the ledger says so. Refuses with `connector_unknown`. */
  async release(connector: string, kinds: readonly string[]): Promise<Outcome<{ readonly keys: SealedBox }>> {
    const { trust, control, ledger } = this.#ports;
    const receiver = connectorOf(connector, trust)?.sealingKey;
    if (receiver === undefined) return refused('connector_unknown', 'No connector of this name belongs to this installation.');
    const named = tokenKindsOf(control.state.bundle?.configuration);
    const released: ReleasedTokenKeys = [];
    const newest: { kind: string; version: number }[] = [];
    for (const kind of new Set(kinds)) {
      if (!named.has(kind)) continue;
      const opened = await this.#ports.keys.open(kind);
      if (!opened.ok) return opened;
      for (const { key, ...label } of opened.value) released.push({ ...label, key: Buffer.from(key).toString('base64') });
      newest.push({ kind, version: opened.value.at(-1)!.version });
    }
    await ledger.append([draft('tokenkey.released.v1', { connector, keys: newest })]);
    return accepted({ keys: seal(receiver, 'token-keys', Buffer.from(JSON.stringify(released))) });
  }

  async rotate({ principal, configuration }: Recognised, kind: string): Promise<Outcome<{ readonly key: TokenKeyLabel }>> {
    if (!tokenKindsOf(configuration).has(kind)) return refused('kind_unknown', `No masking rule names kind ${kind}.`, { hint: 'Kinds are named by rules with transform token or format-preserving.' });
    const made = await this.#ports.keys.rotate(kind, principal.name);
    return made.ok ? accepted({ key: made.value }) : made;
  }
}

/** The kinds that rules name. */
function tokenKindsOf(configuration: Configuration | undefined): ReadonlySet<string> {
  return new Set((configuration?.masking.columns ?? []).flatMap(({ kind }) => kind ?? []));
}
