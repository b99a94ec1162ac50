import { fold, refused, type AggregateStore, type Outcome, type Versioned } from '@interlock/kernel';
import type { ChangeRecord, ChangeState, PolicyFile } from '@interlock/contracts';
import { change, type ChangeCommand } from '@interlock/domain-policy';

/** A change as stored, or about to be. */
export interface StoredChange {
  readonly state: ChangeState;
  readonly revision: number;
}

/** What this service names changes; what else is sent in its place names none. */
const CHANGE_ID = /^[A-Za-z0-9-]{1,64}$/;

/** Changes and the versions they took, in stream CHANGES. */
export class ChangeStore {
  constructor(private readonly records: AggregateStore<ChangeRecord>) {}

  async get(id: string): Promise<StoredChange | undefined> {
    if (!CHANGE_ID.test(id)) return undefined;
    const found = await this.records.get(`change-${id}`);
    return found?.value.kind === 'change' ? { state: found.value, revision: found.revision } : undefined;
  }

  /** The files of a version that is in force or was; none of version 0, before the first. */
  async filesOf(version: number): Promise<readonly PolicyFile[]> {
    if (version === 0) return [];
    const taken = (await this.records.get(`version-${version}`))?.value;
    const stored = taken?.kind === 'version' ? await this.get(taken.change) : undefined;
    if (!stored) throw new Error(`version ${version} was in force, and the change it came from is not stored`);
    return stored.state.files;
  }

  /** Every change, the newest proposal first. */
  async list(): Promise<readonly StoredChange[]> {
    const all = await this.records.list();
    return all.flatMap(asChange).sort((a, b) => b.state.proposedAt.localeCompare(a.state.proposedAt));
  }

  /** Decides on what is stored and stores what comes of it; refuses with `conflict` when someone else was faster. */
  async take(id: string, stored: StoredChange | undefined, command: ChangeCommand): Promise<Outcome<StoredChange | undefined>> {
    const decided = change.decide(command, stored?.state);
    if (!decided.ok) return decided;
    if (decided.value.length === 0) return { ok: true, value: stored };
    const state = fold({ ...change, initial: stored?.state }, decided.value);
    if (!state) throw new Error('a change that was decided has no state');
    const put = await this.records.put(`change-${id}`, state, stored?.revision ?? 0);
    return put.ok ? { ok: true, value: { state, revision: put.value.revision } } : put;
  }

  /** Gives this version to this change, unless another change has it. Asking again for the same is no error. */
  async takeVersion(version: number, id: string): Promise<Outcome<unknown>> {
    const put = await this.records.put(`version-${version}`, { kind: 'version', version, change: id }, 0);
    if (put.ok || put.refusal.reason !== 'conflict') return put;
    const holder = (await this.records.get(`version-${version}`))?.value;
    if (holder?.kind === 'version' && holder.change === id) return { ok: true, value: undefined };
    return refused('conflict_stale', `Version ${version} was given to another change meanwhile.`, { hint: 'Propose the change again, so that approvers see what it changes now.' });
  }
}

function asChange({ value, revision }: Versioned<ChangeRecord>): StoredChange[] {
  return value.kind === 'change' ? [{ state: value, revision }] : [];
}
