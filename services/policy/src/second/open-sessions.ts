import type { Principal } from '@interlock/contracts';

/** Who a session is of, and where, as its opening told it. */
export interface OpenSession {
  readonly principal: Principal;
  readonly target: string;
  /** The run of the connector's instance that carries it. */
  readonly run: string;
}

/** The sessions that connectors opened and did not close; each connector's are its own, whatever another says of them. */
export class OpenSessions {
  readonly #ofConnector = new Map<string, Map<string, OpenSession>>();

  constructor(known: readonly (readonly [connector: string, session: string, OpenSession])[] = []) {
    for (const [connector, session, open] of known) this.open(connector, session, open);
  }

  open(connector: string, session: string, open: OpenSession): void {
    const sessions = this.#ofConnector.get(connector) ?? new Map<string, OpenSession>();
    this.#ofConnector.set(connector, sessions.set(session, open));
  }

  get(connector: string, session: string): OpenSession | undefined {
    return this.#ofConnector.get(connector)?.get(session);
  }

  close(connector: string, session: string): void {
    this.#ofConnector.get(connector)?.delete(session);
  }

  /** An instance that starts anew carries none of the sessions of its older runs on. */
  closeOlder(connector: string, run: string): void {
    for (const [session, open] of this.#ofConnector.get(connector) ?? []) if (open.run !== run) this.close(connector, session);
  }

  all(): (readonly [string, string, OpenSession])[] {
    return [...this.#ofConnector].flatMap(([connector, sessions]) => [...sessions].map(([session, open]) => [connector, session, open] as const));
  }
}
