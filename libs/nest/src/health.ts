import type { HealthReport } from '@interlock/contracts';

/** Says whether one thing the service needs is there: undefined when it is, otherwise one sentence about what is missing. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

/** How long one check may take; a check that hangs has failed. */
const CHECK_MS = 2_000;

/** The checks of one service, asked at every report. Reports hold names and sentences, never values. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #warnings = new Set<string>();
  readonly #values = new Set<string>();

  /** @param run tells this start of the service from every other. */
  constructor(private readonly run?: string) {}

  add(name: string, check: HealthCheck): void {
    this.#checks.set(name, check);
  }

  /** A check whose failure is reported and does not stop the service's work: evidence of tampering is to be looked at, not a reason to be away. */
  warn(name: string, check: HealthCheck): void {
    this.add(name, check);
    this.#warnings.add(name);
  }

  /** A number that operators watch: reported beside the checks, and never a reason to be away. */
  tell(name: string, value: () => Promise<string> | string): void {
    this.warn(name, value);
    this.#values.add(name);
  }

  async report(): Promise<HealthReport> {
    const checks = await Promise.all([...this.#checks].map(([name, check]) => asked(name, check)));
    for (const check of checks) if (this.#values.has(check.name)) check.ok = true;
    return { ok: checks.every((check) => check.ok || this.#warnings.has(check.name)), checks, ...(this.run !== undefined && { run: this.run }) };
  }
}

async function asked(name: string, check: HealthCheck): Promise<HealthReport['checks'][number]> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, CHECK_MS, `no answer within ${CHECK_MS} ms`).unref());
  const detail = await Promise.race([ask(check), late]);
  return detail === undefined ? { name, ok: true } : { name, ok: false, detail };
}

async function ask(check: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (fault) {
    return `the check failed: ${fault instanceof Error ? fault.name : 'fault'}`;
  }
}
