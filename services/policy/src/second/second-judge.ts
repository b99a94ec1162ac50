import type { Bundle, Decision } from '@interlock/contracts';
import type { PublishedBundle } from '@interlock/adapter-jetstream';
import type { Judge, JudgeCompiler, JudgeRequest } from '@interlock/domain-policy';
import { differencesOf } from './differences.js';
import type { RecordedDecision, Undecidable } from './recorded.js';

/** Every bundle there ever was. `BundleHistory` of adapter-jetstream fits. */
export interface Bundles {
  at(version: number): Promise<Bundle | undefined>;
  /** The first version newer than this one. */
  after(version: number): Promise<PublishedBundle | undefined>;
}

/** What became of one recorded decision: the same again, or otherwise, or not to be decided. */
export type Review =
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly differences: readonly string[]; readonly again?: Decision }
  | Pick<Undecidable, 'kind' | 'reason' | 'detail'>;

interface Bench {
  readonly judge: Judge;
  readonly targets: Bundle['configuration']['targets'];
  /** When the next version was stored. */
  supersededAtMs?: number | undefined;
}

/** Judges kept: the newest few versions are all that connectors decide by, and a catch-up goes through them in order. */
const KEPT = 4;
/**
 * How long after a newer version was stored a decision by the older one may still reach the ledger: a connector hears of the new one
 * within the beacon's five seconds or decides nothing, and waits five more for the ledger. The rest is room.
 */
export const SUPERSEDED_MS = 30_000;

const SAME: Review = { kind: 'same' };

/** Decides recorded commands again, each under the bundle of the version it names. Pure once that bundle is there. */
export class SecondJudge {
  readonly #benches = new Map<number, Bench>();

  /** `versionInForce` is what policy itself follows. */
  constructor(private readonly bundles: Bundles, private readonly compiler: JudgeCompiler, private readonly versionInForce: () => number) {}

  /** @throws BusUnavailable when the bundle of its version cannot be read now. */
  async review({ data, principal, target, storedAtMs }: RecordedDecision): Promise<Review> {
    const { bundleVersion } = data.decision;
    const bench = this.#benches.get(bundleVersion) ?? (await this.#benchOf(bundleVersion));
    if ('kind' in bench) return bench;
    if (bench.supersededAtMs === undefined && this.versionInForce() > bundleVersion) bench.supersededAtMs = (await this.bundles.after(bundleVersion))?.storedAtMs;
    const named = bench.targets.find((one) => one.name === data.target) ?? { name: data.target };
    const request = { principal, target: named, action: data.action, grant: data.grant, gathered: data.gathered, circumstances: data.circumstances } as JudgeRequest;
    const again = bench.judge.judge(request);
    const differences = [
      ...(data.principal === principal.name ? [] : [`principal: recorded ${data.principal}, its session is of ${principal.name}`]),
      ...(data.target === target ? [] : [`target: recorded ${data.target}, its session is at ${target}`]),
      ...staleness(bundleVersion, bench, storedAtMs),
      ...differencesOf(data.decision, again),
    ];
    return differences.length === 0 ? SAME : { kind: 'differs', differences, again };
  }

  /** Only what can be decided by is kept: a bundle that is not there may be there later. */
  async #benchOf(version: number): Promise<Bench | Review> {
    const bundle = await this.bundles.at(version);
    if (!bundle) {
      const isOlder = (await this.bundles.after(version)) !== undefined;
      return isOlder ? { kind: 'undecidable', reason: 'bundle_unknown', detail: `Bundle version ${version} is not to be had.` } : { kind: 'differs', differences: [`bundle: version ${version} was never published`] };
    }
    const compiled = this.compiler.compile(bundle);
    if (!compiled.ok) return { kind: 'undecidable', reason: 'bundle_unusable', detail: compiled.refusal.detail };
    return this.#kept(version, { judge: compiled.value, targets: bundle.configuration.targets });
  }

  #kept(version: number, bench: Bench): Bench {
    if (this.#benches.size >= KEPT) this.#benches.delete(this.#benches.keys().next().value!);
    this.#benches.set(version, bench);
    return bench;
  }
}

function staleness(version: number, { supersededAtMs }: Bench, storedAtMs: number | undefined): string[] {
  if (supersededAtMs === undefined || storedAtMs === undefined || storedAtMs - supersededAtMs <= SUPERSEDED_MS) return [];
  return [`bundle: version ${version} was superseded ${Math.round((storedAtMs - supersededAtMs) / 1_000)} s before`];
}
