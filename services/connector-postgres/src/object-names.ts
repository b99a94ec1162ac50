import { accepted, type Outcome, type Refusal } from '@interlock/kernel';
import type { ObjectRef } from '@interlock/contracts';
import type { Identified, ObjectNames } from '@interlock/gateway';
import { identityOf, identityQuery, nameOf } from '@interlock/language-postgres';
import { askSession, type Asking } from './ask-session.js';

export interface ObjectNamesPorts {
  readonly asking: () => Asking;
  /** Nothing is owed, and no transaction has failed. */
  readonly canBeAsked: () => boolean;
  /** A name means something else than the catalog has it. */
  readonly onMoved: () => void;
}

/** A row of the server has 1,664 columns at most; each object takes five of them. */
const OBJECTS_PER_QUERY = 256;

const NOT_NOW: Refusal = {
  reason: 'identity_unknown', retryable: true,
  detail: 'A rule depends on who made the objects of this command, and the session cannot be asked what their names mean in a pipeline or transaction that is not at rest.',
  hint: 'End the pipeline with Sync, or the failed transaction, and send the command again.',
};

/** What names mean to one session, asked on its own connection: only there its uncommitted work is seen. */
export class SessionObjectNames implements ObjectNames {
  constructor(private readonly ports: ObjectNamesPorts) {}

  nameOf(object: ObjectRef): string | undefined {
    return nameOf(object);
  }

  async identify(objects: readonly ObjectRef[]): Promise<Outcome<readonly Identified[]>> {
    if (!this.ports.canBeAsked()) return { ok: false, refusal: NOT_NOW };
    const identities: Identified[] = [];
    for (let from = 0; from < objects.length; from += OBJECTS_PER_QUERY) {
      const some = objects.slice(from, from + OBJECTS_PER_QUERY);
      const answer = await askSession(this.ports.asking(), { purpose: 'object identity', text: identityQuery(some), matter: 'what the names of the command mean', reason: 'identity_unknown' });
      if (!answer.ok) return answer;
      identities.push(...some.map((object, index) => identityOf(object, index, answer.value[0] ?? {})));
    }
    if (objects.some(({ id }, index) => id !== undefined && identities[index]!.id !== id)) this.ports.onMoved();
    return accepted(identities);
  }
}
