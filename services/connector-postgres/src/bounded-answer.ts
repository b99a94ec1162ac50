import { encodeBackend, encodeFrontend } from '@interlock/protocol-postgres';
import type { BoundedAnswer, BoundedRun } from './bounded-run.js';
import { ProbeFailed } from './conversation.js';
import type { Step } from './interpret.js';
import { refusalMessage, type PostgresRefusal } from './refuse.js';
import { Relay } from './relay.js';
import type { RelayPorts } from './relay-ports.js';
import type { RunningCommand } from './running-command.js';
import type { TargetLink } from './target-link.js';

export interface Bringing {
  readonly command: RunningCommand;
  /** The messages that the client sent, in order. */
  readonly steps: readonly Step[];
  readonly run: BoundedRun;
  /** Id of the approval. */
  readonly grant: string | undefined;
  readonly relay: RelayPorts;
  readonly link: Pick<TargetLink, 'repeat'>;
}

const SYNC = encodeFrontend({ kind: 'sync' });
const PARSED = '1'.charCodeAt(0);

/**
 * Runs a bounded command, and gives its client the ordinary answer, once it is clear that what it tells of stands: masked and counted as any other.
 * Statements that came along to another connection are made known to the session's own, too, which later messages name them to.
 */
export async function bringAnswer({ command, steps, run, grant, relay: ports, link }: Bringing): Promise<void> {
  const { permit, verdict, sent } = command;
  if (!permit) throw new Error('a command is to be forwarded without a permit');
  const before = run.isBeside && sent?.isPreparedBefore && sent.bind ? [encodeFrontend({ kind: 'parse', statement: sent.bind.statement, text: sent.text, parameterTypes: sent.parameterTypes })] : [];
  const answer = await run.run({ permit, digest: verdict.actionDigest, bytes: Buffer.concat([...before, ...steps.map(({ raw }) => raw)]), isAboutBefore: before.length > 0 });
  if (answer.kind === 'unknown') return ports.onBroken(answer.detail);
  const names = steps.filter(({ expected }) => expected?.kind === 'parse' || expected?.kind === 'close').map(({ raw }) => raw);
  if (run.isBeside && names.length > 0 && answer.messages.some(([type]) => type === PARSED)) await link.repeat(Buffer.concat([...names, SYNC])).catch(asBroken(ports));
  command.effect = 'effect' in answer ? answer.effect : undefined;
  await relayed(answer, ports, { command, steps, grant });
}

function asBroken({ onBroken }: RelayPorts): (fault: unknown) => void {
  return (fault) => {
    if (!(fault instanceof ProbeFailed)) throw fault;
    onBroken(`it does not know a statement that it was told of: ${fault.message}`);
  };
}

/** Resolves once the client has been handed all of it. */
function relayed(answer: Exclude<BoundedAnswer, { kind: 'unknown' }>, ports: RelayPorts, { command, steps, grant }: Pick<Bringing, 'command' | 'steps' | 'grant'>): Promise<void> {
  return new Promise((resolve) => {
    // What it wrote is paid for by now.
    const relay = new Relay({ ...ports, isWritten: () => false, onAnswered: resolve });
    for (const { expected } of steps) if (expected) relay.expect(expected);
    const error = answer.kind === 'rolledBack' ? [errorOf(answer.refusal, command, grant)] : [];
    if (answer.kind === 'rolledBack') relay.replaceNextError(error[0]!);
    relay.take(Buffer.concat([...answer.messages, ...error, encodeBackend({ kind: 'readyForQuery', status: answer.status })]));
  });
}

function errorOf(refusal: PostgresRefusal, { permit }: RunningCommand, grant: string | undefined): Buffer {
  return refusalMessage(refusal, { decision: 'allow', event: permit?.event, grant });
}
