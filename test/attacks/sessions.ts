import { encodeFrontend, type BackendMessage, type FrontendMessage } from '@interlock/protocol-postgres';
import { requestCancel } from '../e2e/system/cancel.js';
import type { Wire } from '../e2e/system/wire.js';

/** What a session gave back for a list of statements. */
export interface Answers {
  /** Every byte, decrypted. */
  readonly bytes: Buffer;
  /** SQLSTATEs of the errors, in order. */
  readonly errors: readonly string[];
  readonly messages: readonly BackendMessage[];
}

/** How statements are sent: as texts, or parsed and bound with text or binary results, or with one row at a time. */
export type Protocol = 'simple' | 'extended' | 'extended, binary' | 'extended, row by row';

/** A statement that is not answered by then is held for people. */
const HELD_MS = 2_000;

/**
 * Sends statements one after the other and keeps everything that comes back; stops when the connection ends. What is held
 * for approval is cancelled, as its client would, so that the next statement gets its turn.
 */
export async function answersTo(wire: Wire, statements: readonly string[], protocol: Protocol): Promise<Answers> {
  wire.forget();
  const messages: BackendMessage[] = [];
  for (const text of statements) {
    if (wire.closed) break;
    wire.send(protocol === 'simple' ? encodeFrontend({ kind: 'query', text }) : extended(text, protocol));
    const canceller = setInterval(() => void requestCancel(wire.port, wire.processId, wire.secretKey).catch(() => undefined), HELD_MS);
    messages.push(...await wire.untilReady().finally(() => clearInterval(canceller)));
  }
  return { bytes: wire.received, errors: errorsIn(messages), messages };
}

function extended(text: string, protocol: Protocol): Buffer {
  const [execution, times]: [FrontendMessage, number] = protocol === 'extended, row by row' ? [{ kind: 'execute', portal: '', maxRows: 1 }, 3] : [{ kind: 'execute', portal: '', maxRows: 0 }, 1];
  const messages: FrontendMessage[] = [
    { kind: 'parse', statement: '', text, parameterTypes: [] },
    { kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [protocol === 'extended, binary' ? 'binary' : 'text'] },
    { kind: 'describe', subject: 'portal', name: '' }, ...Array.from({ length: times }, () => execution), { kind: 'sync' },
  ];
  return Buffer.concat(messages.map((message) => encodeFrontend(message)));
}

export function errorsIn(messages: readonly BackendMessage[]): string[] {
  return messages.filter((message) => message.kind === 'errorResponse').map(({ fields }) => fields.code ?? '');
}
