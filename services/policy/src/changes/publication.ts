import { readBundleParts } from '@interlock/authoring';
import { accepted, sha256Hex, type Ledger, type Outcome } from '@interlock/kernel';
import { draft, type Bundle, type ChangeState } from '@interlock/contracts';
import type { ChangeStore, StoredChange } from './change-store.js';
import type { ControlPort } from './ports.js';

export interface PublicationPorts {
  readonly store: ChangeStore;
  readonly ledger: Ledger;
  readonly control: ControlPort;
}

/**
 * The way of an approved change into force: its version is taken, the ledger acknowledges the decision and the bundle, the
 * bundle is published, the change is marked applied. Every step can be repeated, so a crash between two of them is healed
 * by walking the way again. Only the ledger may then hold the same two events twice.
 */
export class Publication {
  constructor(private readonly ports: PublicationPorts) {}

  /** Walks to the end. Refuses with `conflict_stale` when the version went to another change; the change is pending again then. */
  async finish(stored: StoredChange): Promise<Outcome<StoredChange>> {
    const taken = await this.ports.store.takeVersion(versionOf(stored.state), stored.state.change);
    if (!taken.ok) return this.#giveBack(stored, taken);
    const text = bundleText(stored.state);
    const recorded = stored.state.recorded ? accepted(stored) : await this.#record(stored, text);
    if (!recorded.ok) return recorded;
    const published = await this.#publish(recorded.value.state, text);
    return published.ok ? this.#step(recorded.value, 'apply') : published;
  }

  /** The ledger learns of a denial. */
  async recordDenial(stored: StoredChange): Promise<Outcome<StoredChange>> {
    if (stored.state.recorded) return accepted(stored);
    await this.ports.ledger.append([draft('change.decided.v1', { change: stored.state.change, approver: stored.state.decidedBy?.name ?? '', verdict: 'deny' })]);
    return this.#step(stored, 'record');
  }

  async #giveBack(stored: StoredChange, why: Outcome<unknown>): Promise<Outcome<StoredChange>> {
    if (why.ok || why.refusal.reason !== 'conflict_stale') return why as Outcome<StoredChange>;
    const returned = await this.#step(stored, 'return');
    return returned.ok ? why : returned;
  }

  async #record(stored: StoredChange, text: string): Promise<Outcome<StoredChange>> {
    const { change, author, summary, contentHash, bootstrap, decidedBy } = stored.state;
    await this.ports.ledger.append([
      bootstrap
        ? draft('change.proposed.v1', { change, author: author.name, summary, contentHash, bootstrap })
        : draft('change.decided.v1', { change, approver: decidedBy?.name ?? '', verdict: 'approve', contentHash }),
      draft('bundle.published.v1', { version: versionOf(stored.state), change, hash: sha256Hex(text) }),
    ]);
    return this.#step(stored, 'record');
  }

  async #publish(state: ChangeState, text: string): Promise<Outcome<unknown>> {
    const version = versionOf(state);
    if ((this.ports.control.bundle()?.version ?? 0) >= version) return accepted(undefined);
    return this.ports.control.publish(text, version);
  }

  async #step(stored: StoredChange, kind: 'record' | 'apply' | 'return'): Promise<Outcome<StoredChange>> {
    const taken = await this.ports.store.take(stored.state.change, stored, { kind });
    return taken.ok ? accepted(taken.value ?? stored) : taken;
  }
}

function versionOf(state: ChangeState): number {
  if (state.version === undefined) throw new Error(`change ${state.change} is ${state.status} and has no version`);
  return state.version;
}

/**
 * The bundle's JSON text: the same change gives the same text, byte for byte, however often it is made. The files were
 * checked before they were approved.
 */
export function bundleText(state: ChangeState): string {
  const parts = readBundleParts(state.files);
  if (!parts) throw new Error(`change ${state.change} was approved and cannot be read`);
  const bundle: Bundle = {
    version: versionOf(state),
    configuration: parts.configuration,
    policies: [...parts.policies],
    change: state.change,
    author: state.author.name,
    approvedBy: state.decidedBy ? [state.decidedBy.name] : [],
    createdAt: state.decidedAt ?? state.proposedAt,
  };
  return JSON.stringify(bundle);
}
