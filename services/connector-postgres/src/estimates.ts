import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Session } from '@interlock/gateway';
import type { Interpretation } from '@interlock/language-postgres';
import type { Asking } from './ask-session.js';
import type { Admission } from './authenticate.js';
import type { ConnectorPorts } from './connector-ports.js';
import { estimated, limit, PREVIEW_PARAMETERS, unplannable } from './preview.js';
import type { SentStatement } from './running-command.js';
import { beside, likeSession } from './side-connection.js';

export interface EstimatesPorts extends Pick<ConnectorPorts, 'ledger' | 'clock'> {
  readonly admission: Admission;
  readonly session: Session;
  readonly asking: () => Asking;
  /** Nothing is owed, and no transaction has failed. */
  readonly canBeAsked: () => boolean;
}

/** One statement as it was sent, with its values where it was bound. */
export type Explained = Pick<SentStatement, 'text' | 'parameterTypes' | 'bind'>;

const PURPOSE = 'estimate';
const DEPENDS = 'A rule depends on how many rows the target expects of this command';

/** What the target expects of a session's commands, by EXPLAIN on a connection beside the session's: it never runs them for that. */
export class Estimates {
  constructor(private readonly ports: EstimatesPorts) {}

  /** Rows that it expects a statement to change or, where it changes none, to return. Refused with `estimate_unavailable` where that cannot be told. */
  async of(sent: Explained | undefined, meaning: Interpretation | undefined): Promise<Outcome<number>> {
    const why = sent && meaning ? unplannable(meaning) : 'it holds no statement';
    if (!sent || why !== undefined) return cannotBeTold(why!);
    const { asking, canBeAsked, admission } = this.ports;
    if (!canBeAsked()) return refused('estimate_unavailable', `${DEPENDS}, and the session cannot be asked how it is set in a pipeline that is not at rest.`, { retryable: true, hint: 'Send it by itself, after a Sync.' });
    const rows = await beside(this.ports, PREVIEW_PARAMETERS, async (side) => {
      const like = await likeSession(side, admission.context, asking());
      if (!like.ok) return like;
      await limit(side, PURPOSE);
      const estimate = await estimated(side, sent, PURPOSE);
      return estimate.ok ? accepted(estimate.value.estimatedRows) : estimate;
    });
    return rows.ok || rows.refusal.reason === 'ledger_unavailable' ? rows : cannotBeTold(rows.refusal.detail, rows.refusal.retryable);
  }
}

/** Whatever stands against it, the command is refused: a rule that reads it could not be decided. */
export function cannotBeTold(why: string, retryable = false): { readonly ok: false; readonly refusal: { readonly reason: string; readonly detail: string; readonly hint: string; readonly retryable?: boolean } } {
  const detail = `${DEPENDS}, and that cannot be told: ${why.replace(/\.$/, '')}.`;
  return { ok: false, refusal: { reason: 'estimate_unavailable', detail, hint: retryable ? 'Send it again.' : 'Send one plain statement (SELECT, INSERT, UPDATE, DELETE, MERGE) whose names the target knows.', ...(retryable && { retryable }) } };
}
