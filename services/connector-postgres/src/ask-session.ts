import { accepted, LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import { REFUSALS } from '@interlock/gateway';
import { ProbeFailed } from './conversation.js';
import { permitProbes, type ProbePorts, type TextRow } from './probe.js';
import type { TargetLink } from './target-link.js';

export interface Asking extends ProbePorts {
  readonly target: string;
  readonly session: string;
  readonly link: TargetLink;
  /** No answer came in time: it may still come, so the connection cannot be used any more. */
  readonly onLost: (detail: string) => void;
}

export interface SessionQuestion {
  readonly purpose: string;
  readonly text: string;
  /** What is not known without an answer, for the reader of a refusal: `The session does not say <matter>`. */
  readonly matter: string;
  /** The refusal's reason. */
  readonly reason: string;
}

/** Asks a session itself, by a recorded probe on its own connection, while nothing else is owed. */
export async function askSession({ target, session, link, onLost, ...ports }: Asking, { purpose, text, matter, reason }: SessionQuestion): Promise<Outcome<TextRow[]>> {
  try {
    const [probe] = await permitProbes(ports, target, purpose, [text], session);
    return accepted((await link.ask(probe!)).rows());
  } catch (fault) {
    if (fault instanceof LedgerUnavailable) return { ok: false, refusal: REFUSALS.ledgerUnavailable };
    if (!(fault instanceof ProbeFailed)) throw fault;
    if (!fault.isAnswered) onLost(`it does not say ${matter}: ${fault.message}`);
    return refused(reason, `The session does not say ${matter}: ${fault.message}.`, { retryable: true, hint: 'Send the command again.' });
  }
}
