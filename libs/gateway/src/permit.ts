/** What a permit says: this principal may send this command to this target, once, until then. */
export interface PermitFacts {
  readonly principal: string;
  readonly target: string;
  readonly command: string;
  readonly actionDigest: string;
  /** Id of the acknowledged event that holds the decision. */
  readonly decisionEvent: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

let mint: (facts: PermitFacts) => Permit;

/**
 * The value that forwarding needs. Only this package can make one, and it does so only after the ledger acknowledged the
 * decision; it is spent by its one use.
 */
export class Permit {
  #spent = false;

  private constructor(readonly facts: PermitFacts) {}

  static {
    mint = (facts) => new Permit(facts);
  }

  /**
   * Takes the one use. @throws Error when it was taken before, is for another target, or came too late: forwarding without a
   * valid permit is a fault of the gateway, never an answer to a client.
   */
  spend(target: string, nowMs: number): PermitFacts {
    if (this.#spent) throw new Error(`the permit of command ${this.facts.command} was spent already`);
    if (this.facts.target !== target) throw new Error(`the permit of command ${this.facts.command} is for target ${this.facts.target}, not ${target}`);
    if (nowMs > this.facts.expiresAtMs) throw new Error(`the permit of command ${this.facts.command} has expired`);
    this.#spent = true;
    return this.facts;
  }
}

/** For this package alone: its door does not offer it. */
export function mintPermit(facts: PermitFacts): Permit {
  return mint(facts);
}
