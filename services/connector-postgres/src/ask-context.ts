import { accepted, LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import { REFUSALS } from '@interlock/gateway';
import { permitProbes, ProbeFailed, type ProbePorts } from './probe.js';
import { CONTEXT_PURPOSE, CONTEXT_QUERY, type SessionContext } from './session-context.js';
import type { TargetLink } from './target-link.js';

export interface Asking extends ProbePorts {
  readonly target: string;
  readonly session: string;
  readonly link: TargetLink;
  /** No answer came in time: it may still come, so the connection cannot be used any more. */
  readonly onLost: (detail: string) => void;
}

/** Asks a session itself where its names are looked up; without an answer nothing of it can be understood. */
export async function askContext(context: SessionContext, { target, session, link, onLost, ...ports }: Asking): Promise<Outcome<unknown>> {
  try {
    const [probe] = await permitProbes(ports, target, CONTEXT_PURPOSE, [CONTEXT_QUERY], session);
    context.refresh(await link.ask(probe!));
    return accepted(undefined);
  } catch (fault) {
    if (fault instanceof LedgerUnavailable) return { ok: false, refusal: REFUSALS.ledgerUnavailable };
    if (!(fault instanceof ProbeFailed)) throw fault;
    if (!fault.isAnswered) onLost(`it does not say where names are looked up: ${fault.message}`);
    return refused('context_unknown', `The session does not say where its names are looked up: ${fault.message}.`, { retryable: true, hint: 'Send the command again.' });
  }
}
