export interface Options {
  /** Write docs/benchmarks-approval.md. */
  readonly write: boolean;
  /** Commands that are approved one after the other, for their latency. */
  readonly rounds: number;
  /** Commands that wait at once. */
  readonly parked: number;
}

/** Reads the command line; faults on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const rest = [...args];
  let options: Options = { write: false, rounds: 200, parked: 1_000 };
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '--write') options = { ...options, write: true };
    else if (name === '--rounds') options = { ...options, rounds: positive(name, rest.shift()) };
    else if (name === '--parked') options = { ...options, parked: positive(name, rest.shift()) };
    else throw new RangeError(`unknown option ${name}; there are --write, --rounds N and --parked N`);
  }
  return options;
}

function positive(name: string, text: string | undefined): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${name} takes a whole number above 0`);
  return count;
}
