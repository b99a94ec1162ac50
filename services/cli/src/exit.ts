/** What the exit code of `interlock` says, for scripts. */
export const EXIT = {
  done: 0,
  /** Refused: by a rule, a role, a missing thing, or because a configuration does not load. */
  refused: 1,
  /** The command line is wrong, or a file that it names cannot be read. */
  usage: 2,
  /** No token, or one that is not accepted. */
  unauthenticated: 3,
  /** Interlock does not answer, or a part of it. Try again. */
  unavailable: 4,
  /** Verification ran and found something wrong. */
  evidenceBroken: 5,
} as const;

/** Ends the program with a code and a sentence for people; `problem` is printed whole under --json. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(readonly code: number, message: string, readonly hint?: string, readonly problem?: unknown) {
    super(message);
  }
}
