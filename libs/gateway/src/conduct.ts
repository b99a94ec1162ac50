import { RISK_LIMITS, type RiskMeasure } from '@interlock/contracts';

/** Counts are kept by stretches of this length: a term that asks for some minutes sees the stretch in which they began whole. */
const STRETCH_MS = 10_000;
const MEMORY_MS = RISK_LIMITS.minutes * 60_000;

type Counted = 'commands' | 'denials' | 'rows' | 'risk';

interface Stretch {
  readonly fromMs: number;
  readonly counts: Record<Counted, number>;
}

/**
 * What one principal did lately at this connector, over all its sessions here, for as long as a risk model may ask. It outlives
 * sessions, so that connecting anew makes nobody a stranger; it does not outlive the connector, and another one knows nothing of it.
 */
export class Conduct {
  #stretches: Stretch[] = [];
  /** Objects by when they were last touched, the longest ago first. */
  readonly #objects = new Map<string, number>();
  #lastMs = 0;

  /** Nothing here is asked for any more. */
  isForgotten(nowMs: number): boolean {
    return nowMs - this.#lastMs > MEMORY_MS + STRETCH_MS;
  }

  count(what: Counted, nowMs: number, by = 1): void {
    this.#lastMs = nowMs;
    const fromMs = Math.floor(nowMs / STRETCH_MS) * STRETCH_MS;
    let last = this.#stretches.at(-1);
    if (last?.fromMs !== fromMs) {
      last = { fromMs, counts: { commands: 0, denials: 0, rows: 0, risk: 0 } };
      this.#stretches = [...this.#stretches.filter((stretch) => nowMs - stretch.fromMs <= MEMORY_MS + STRETCH_MS), last];
    }
    last.counts[what] += by;
  }

  /** A command has touched these; of more than the limit, those touched last are kept. */
  touch(objects: Iterable<string>, nowMs: number): void {
    this.#lastMs = nowMs;
    for (const object of objects) {
      this.#objects.delete(object);
      this.#objects.set(object, nowMs);
    }
    for (const [object, touchedMs] of this.#objects) {
      if (this.#objects.size <= RISK_LIMITS.objects && nowMs - touchedMs <= MEMORY_MS) break;
      this.#objects.delete(object);
    }
  }

  within(measure: RiskMeasure, minutes: number, nowMs: number): number {
    const sinceMs = nowMs - minutes * 60_000;
    if (measure === 'objects') return this.#objectsSince(sinceMs);
    let sum = 0;
    for (const { fromMs, counts } of this.#stretches) if (fromMs + STRETCH_MS > sinceMs) sum += counts[measure];
    return sum;
  }

  #objectsSince(sinceMs: number): number {
    let older = 0;
    for (const touchedMs of this.#objects.values()) {
      if (touchedMs >= sinceMs) break;
      older += 1;
    }
    return this.#objects.size - older;
  }
}

/** The conduct of every principal at one connector, by name: ask for it at each use. */
export class ConductBook {
  readonly #known = new Map<string, Conduct>();

  constructor(private readonly nowMs: () => number) {}

  of(principal: string): Conduct {
    let conduct = this.#known.get(principal);
    if (!conduct) {
      const now = this.nowMs();
      for (const [name, other] of this.#known) if (other.isForgotten(now)) this.#known.delete(name);
      conduct = new Conduct();
      this.#known.set(principal, conduct);
    }
    return conduct;
  }
}
