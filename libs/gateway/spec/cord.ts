/** What a process does to the outside, as `<port>.<method>` with its arguments. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

const NEVER = new Promise<never>(() => undefined);

/**
 * Everything that ties one process to the outside. It dies right before or right after a call that is chosen: from then on nothing that it
 * does has an effect, and it hears of nothing, as when the process is killed at that moment.
 */
export class Cord {
  #isCut = false;

  constructor(private readonly when: 'before' | 'after', private readonly isIts: (call: Call) => boolean) {}

  get isCut(): boolean {
    return this.#isCut;
  }

  /** The same port, for the process that will die. */
  around<T extends object>(port: string, inner: T): T {
    return new Proxy(inner, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        return typeof member === 'function' ? (...args: unknown[]) => this.#call(() => Reflect.apply(member, target, args) as unknown, { name: `${port}.${String(property)}`, args }) : member;
      },
    });
  }

  #call(run: () => unknown, call: Call): unknown {
    const isLast = !this.#isCut && this.isIts(call);
    if (this.#isCut || (isLast && this.when === 'before')) {
      this.#isCut = true;
      return NEVER;
    }
    const result = run();
    if (isLast) this.#isCut = true;
    return result instanceof Promise ? result.then((value: unknown) => (this.#isCut ? NEVER : value)) : result;
  }
}
