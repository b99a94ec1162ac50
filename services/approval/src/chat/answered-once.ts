import { refused, type Outcome } from '@interlock/kernel';

/** A signed request may name a time five minutes ahead, and holds for five minutes after it. */
const KEPT_MS = 10 * 60_000;
const KEPT_MAX = 10_000;

/**
 * Answers of requests whose signature held, for as long as they would hold again: the same request gets the same answer, and is carried out
 * once. Where too many are kept, new ones are refused: one that was forgotten could be played again.
 */
export class AnsweredOnce<T> {
  readonly #kept = new Map<string, { readonly answer: Promise<Outcome<T>>; readonly untilMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** @param request what tells it from every other: a digest over all that was signed. */
  answer(request: string, carryOut: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    this.#letGo();
    const known = this.#kept.get(request);
    if (known) return known.answer;
    if (this.#kept.size >= KEPT_MAX) return Promise.resolve(refused('busy', 'Too many answers from chats came within ten minutes.', { retryable: true, hint: 'Decide on the page, or press the button again later.' }));
    const answer = carryOut();
    this.#kept.set(request, { answer, untilMs: this.nowMs() + KEPT_MS });
    const forget = (): void => void this.#kept.delete(request);
    void answer.then((outcome) => { if (!outcome.ok && outcome.refusal.retryable) forget(); }, forget);
    return answer;
  }

  /** They were kept in the order of their ends. */
  #letGo(): void {
    for (const [request, { untilMs }] of this.#kept) {
      if (untilMs > this.nowMs()) return;
      this.#kept.delete(request);
    }
  }
}
