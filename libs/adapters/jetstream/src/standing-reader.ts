import type { Trust } from '@interlock/contracts';
import { signedBeginning, signedEnd, standingSubject, type StandingKind } from './control-messages.js';
import { json, members } from './control-json.js';
import type { StoredMessage } from './stored-message.js';

type IsBy = (service: keyof Trust['services'], text: string, signature: unknown) => boolean;

/** What stands after a message, or why the message is ignored. */
export type AfterStanding<T> = { readonly standing: ReadonlyMap<string, T> } | { readonly ignored: string };

/** Folds the messages of one kind of standing records. An id is used once: what comes again after its end is a replay. */
export class StandingReader<T extends { readonly id: string }> {
  readonly #kind: StandingKind<T>;
  readonly #isBy: IsBy;
  readonly #ended = new Set<string>();

  constructor(kind: StandingKind<T>, isBy: IsBy) {
    this.#kind = kind;
    this.#isBy = isBy;
  }

  reads({ subject }: StoredMessage): boolean {
    return subject.startsWith(standingSubject(this.#kind, ''));
  }

  after(standing: ReadonlyMap<string, T>, message: StoredMessage): AfterStanding<T> {
    const { name, ended, by } = this.#kind;
    const id = message.subject.slice(standingSubject(this.#kind, '').length);
    const { [name]: begun, [ended]: over, signature } = members(json(message.payload));
    if (typeof begun === 'string' && this.#isBy(by, signedBeginning(this.#kind, begun), signature)) return this.#begun(standing, id, begun);
    if (typeof over === 'string' && this.#isBy(by, signedEnd(this.#kind, over), signature) && members(json(over))['id'] === id) return { standing: this.#without(standing, id) };
    return { ignored: `it is no ${name} signed by ${by}` };
  }

  #begun(standing: ReadonlyMap<string, T>, id: string, text: string): AfterStanding<T> {
    const { name, ended } = this.#kind;
    const record = this.#parsed(text);
    if (record?.id !== id) return { ignored: `its ${name} does not belong here` };
    if (this.#ended.has(id)) return { ignored: `this ${name} was ${ended} before` };
    return { standing: new Map(standing).set(id, record) };
  }

  #without(standing: ReadonlyMap<string, T>, id: string): ReadonlyMap<string, T> {
    this.#ended.add(id);
    const others = new Map(standing);
    others.delete(id);
    return others;
  }

  #parsed(text: string): T | undefined {
    try {
      return this.#kind.schema.parse(json(text));
    } catch {
      return undefined;
    }
  }
}
