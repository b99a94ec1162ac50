import type { Outcome } from '@interlock/kernel';
import { askSession, type Asking } from './ask-session.js';
import { CONTEXT_PURPOSE, CONTEXT_QUERY, type SessionContext } from './session-context.js';

/** Asks a session itself where its names are looked up; without an answer nothing of it can be understood. */
export async function askContext(context: SessionContext, asking: Asking): Promise<Outcome<unknown>> {
  const answer = await askSession(asking, { purpose: CONTEXT_PURPOSE, text: CONTEXT_QUERY, matter: 'where names are looked up', reason: 'context_unknown' });
  if (answer.ok) context.refresh(answer.value);
  return answer;
}
