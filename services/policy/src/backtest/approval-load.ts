import type { Ask, Backtest, Configuration, Decision } from '@interlock/contracts';

type Load = Backtest['approvals'];

/** How often people would be asked, and whom. */
export class ApprovalLoad {
  readonly #before = new Map<string, number>();
  readonly #after = new Map<string, Map<string, number>>();
  #askedBefore = 0;
  #askedAfter = 0;

  add(principal: string, before: Decision, after: Decision): void {
    if (before.ask) this.#askedBefore += 1;
    if (after.ask) this.#askedAfter += 1;
    for (const role of rolesOf(before.ask)) this.#before.set(role, (this.#before.get(role) ?? 0) + 1);
    for (const role of rolesOf(after.ask)) {
      const askers = this.#after.get(role) ?? new Map<string, number>();
      this.#after.set(role, askers.set(principal, (askers.get(principal) ?? 0) + 1));
    }
  }

  /** A day, over these days. */
  result(days: number, configuration: Configuration): Load {
    const perDay = (count: number): number => Number((count / days).toFixed(2));
    const roles = [...new Set([...this.#before.keys(), ...this.#after.keys()])].toSorted();
    return {
      days: Number(days.toFixed(2)), perDayBefore: perDay(this.#askedBefore), perDayAfter: perDay(this.#askedAfter),
      roles: roles.map((role) => {
        const askers = [...(this.#after.get(role) ?? [])].toSorted(([, a], [, b]) => b - a);
        const approvers = configuration.principals.filter((entry) => entry.kind === 'human' && entry.roles.includes(role)).map(({ name }) => name);
        return {
          role, approvers, perDayBefore: perDay(this.#before.get(role) ?? 0), perDayAfter: perDay(askers.reduce((sum, [, count]) => sum + count, 0)),
          askers: askers.map(([principal, count]) => ({ principal, perDay: perDay(count) })),
        };
      }),
    };
  }
}

function rolesOf(ask: Ask | undefined): string[] {
  return ask ? [...new Set(ask.quorum.map(({ role }) => role))] : [];
}
