import { encodeBackend, encodeFrontend } from '@interlock/protocol-postgres';
import type { ClientWriter } from './client-writer.js';
import { NO_COMMANDS } from './expected.js';
import { refusalMessage, type PostgresRefusal, type RefusalPlace } from './refuse.js';
import type { Relay } from './relay.js';
import type { Segment } from './segment.js';
import type { TargetLink } from './target-link.js';

const FLUSH = encodeFrontend({ kind: 'flush' });
const SYNC = encodeFrontend({ kind: 'sync' });

export interface PlacePorts {
  readonly writer: ClientWriter;
  readonly relay: Relay;
  readonly link: TargetLink;
  readonly newId: () => string;
}

/**
 * Gives the client a refusal where the answer would be, and lets the session go on as PostgreSQL's would. Where the target holds a
 * transaction or a pipeline, it is sent a message that fails, so that it fails there too, and its error is replaced. True when
 * the target was needed for that.
 */
export function refuseInPlace({ writer, relay, link, newId }: PlacePorts, refusal: PostgresRefusal, end: Segment['end'], hasOpenPipeline: boolean, place: RefusalPlace): boolean {
  const error = refusalMessage(refusal, place);
  const closes = end === 'query' || end === 'sync';
  if (closes && !hasOpenPipeline && relay.status !== 'inTransaction') {
    writer.add(error);
    writer.add(encodeBackend({ kind: 'readyForQuery', status: relay.status }));
    writer.flush();
    return false;
  }
  relay.expect({ kind: 'describe', commands: NO_COMMANDS, refusal: error });
  link.forwardStanding(encodeFrontend({ kind: 'describe', subject: 'portal', name: `interlock-refused-${newId()}` }));
  if (closes) relay.expect({ kind: 'sync', commands: NO_COMMANDS });
  link.forwardStanding(closes ? SYNC : FLUSH);
  return true;
}
