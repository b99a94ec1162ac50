/** A command that was allowed, and whose outcome is not in the ledger yet. */
export interface OpenCommand {
  readonly command: string;
  readonly session: string;
  readonly exchange?: string;
  /** Subject of the instance that forwarded it, `ledger.<service>.<instance>`. */
  readonly instance: string;
  /** Its run, `<producer>/<instance>-<run>`. */
  readonly run: string;
  /** Nothing more can come from its producer: the session was closed or a newer run has started. */
  readonly ended: boolean;
}
