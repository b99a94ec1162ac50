/** How many parts a set has: putting one command in copies this many references, and the few commands of its part. */
const PARTS = 64;

interface Member {
  readonly command: string;
  /** Its place in the order in which they came. */
  readonly ordinal: number;
}

const NONE: readonly Member[] = [];

/** The commands in one state of a session. Immutable; a change costs the same however many there are, in any number that one message may hold. */
export class CommandSet {
  static readonly EMPTY = new CommandSet(Array.from({ length: PARTS }, () => NONE), 0);

  private constructor(private readonly parts: readonly (readonly Member[])[], private readonly next: number) {}

  has(command: string): boolean {
    return this.parts[partOf(command)]!.some((member) => member.command === command);
  }

  with(command: string): CommandSet {
    const part = partOf(command);
    return new CommandSet(this.parts.with(part, [...this.parts[part]!, { command, ordinal: this.next }]), this.next + 1);
  }

  without(command: string): CommandSet {
    const part = partOf(command);
    const members = this.parts[part]!;
    const left = members.filter((member) => member.command !== command);
    return left.length === members.length ? this : new CommandSet(this.parts.with(part, left), this.next);
  }

  /** In the order in which they came. */
  all(): string[] {
    return this.parts.flat().toSorted((one, other) => one.ordinal - other.ordinal).map(({ command }) => command);
  }
}

/** The ends of names differ, and spread their commands evenly over the parts. */
function partOf(command: string): number {
  let part = 0;
  for (let index = Math.max(0, command.length - 8); index < command.length; index += 1) part = (part * 31 + command.charCodeAt(index)) % PARTS;
  return part;
}
