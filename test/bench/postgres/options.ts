export interface Options {
  /** Seconds for each cell of the matrix. */
  readonly seconds: number;
  /** Write docs/benchmarks.md. */
  readonly write: boolean;
  /** Measure direct and pgbouncer only, against this server: `postgres://user:password@host:port`. */
  readonly peersOf: URL | undefined;
  /** Leave out the unsynced bus. */
  readonly syncedOnly: boolean;
}

const USUAL_SECONDS = 5;

/** Reads the command line; faults on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const rest = [...args];
  let options: Options = { seconds: USUAL_SECONDS, write: false, peersOf: undefined, syncedOnly: false };
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '--write') options = { ...options, write: true };
    else if (name === '--synced-only') options = { ...options, syncedOnly: true };
    else if (name === '--seconds') options = { ...options, seconds: positive(rest.shift()) };
    else if (name === '--peers-of') options = { ...options, peersOf: new URL(rest.shift() ?? '') };
    else throw new RangeError(`unknown option ${name}; there are --write, --seconds N, --synced-only and --peers-of URL`);
  }
  return options;
}

function positive(text: string | undefined): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new RangeError('--seconds takes a number above 0');
  return seconds;
}
