import type { BackendMessage, FrontendMessage } from '@interlock/protocol-postgres';
import type { MemoryEvent } from '@interlock/adapter-memory-log';
import type { EventData } from '@interlock/contracts';

/**
 * A dialogue in plain text:
 *
 *     # what it shows
 *     connect agent-etl shop
 *     > query "select 1"
 *     < rowDescription ?column?
 *     < dataRow 1
 *     < commandComplete SELECT 1
 *     < ready idle
 *     ledger
 *     session.opened agent-etl shop
 *     command.decided allow select "select 1"
 *     command.outcome completed SELECT 1
 *
 * Words after `>` are JSON values. `vote dba approve` lets a person decide about the command that waits. A line that ends in ` …` matches everything that begins like it. Lines of `ledger` are the events
 * that the dialogue must leave, in order; recording chunks and probes are left out.
 */
export interface Transcript {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly ledger: readonly string[];
}

export type Step =
  | { readonly kind: 'connect'; readonly user: string; readonly database: string; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'send'; readonly messages: readonly (FrontendMessage | Buffer)[] }
  | { readonly kind: 'vote'; readonly approver: string; readonly verdict: 'approve' | 'deny' }
  | { readonly kind: 'receive'; readonly line: string };

export function readTranscript(text: string): Transcript {
  const lines = text.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
  const name = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1).trim()).join(' ');
  const body = lines.filter((line) => !line.startsWith('#'));
  const split = body.indexOf('ledger');
  return { name, steps: steps(split < 0 ? body : body.slice(0, split)), ledger: split < 0 ? [] : body.slice(split + 1) };
}

/** Messages sent one after the other go out in one write, as a pipelining client sends them. */
function steps(lines: readonly string[]): Step[] {
  const result: Step[] = [];
  for (const line of lines) {
    const last = result.at(-1);
    if (line.startsWith('> ')) {
      const message = messageOf(line.slice(2));
      if (last?.kind === 'send') result.splice(-1, 1, { kind: 'send', messages: [...last.messages, message] });
      else result.push({ kind: 'send', messages: [message] });
    } else if (line.startsWith('< ')) result.push({ kind: 'receive', line: line.slice(2) });
    else if (line.startsWith('connect ')) result.push(connectOf(line));
    else if (line.startsWith('vote ')) result.push(voteOf(line));
    else throw new Error(`not a line of a transcript: ${line}`);
  }
  return result;
}

function connectOf(line: string): Step {
  const [, user = '', database = '', ...rest] = line.split(' ');
  return { kind: 'connect', user, database, parameters: Object.fromEntries(rest.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])) };
}

function voteOf(line: string): Step {
  const [, approver = '', verdict] = line.split(' ');
  if (verdict !== 'approve' && verdict !== 'deny') throw new Error(`not a vote: ${line}`);
  return { kind: 'vote', approver, verdict };
}

function messageOf(line: string): FrontendMessage | Buffer {
  const [word = '', rest = ''] = line.split(/ (.*)/s);
  if (word === 'raw') return Buffer.from(rest.replaceAll(' ', ''), 'hex');
  const values = JSON.parse(`[${rest}]`) as never[];
  const make = MESSAGES[word];
  if (!make) throw new Error(`not a message: ${line}`);
  return make(...values);
}

const bytes = (value: string | null): Buffer | null => (value === null ? null : Buffer.from(value));

const MESSAGES: Readonly<Record<string, (...values: never[]) => FrontendMessage>> = {
  query: (text: string) => ({ kind: 'query', text }),
  parse: (statement: string, text: string, parameterTypes: number[] = []) => ({ kind: 'parse', statement, text, parameterTypes }),
  bind: (portal: string, statement: string, parameters: (string | null)[] = [], resultFormats: ('text' | 'binary')[] = []) =>
    ({ kind: 'bind', portal, statement, parameterFormats: [], parameters: parameters.map(bytes), resultFormats }),
  describe: (subject: 'statement' | 'portal', name: string) => ({ kind: 'describe', subject, name }),
  close: (subject: 'statement' | 'portal', name: string) => ({ kind: 'close', subject, name }),
  execute: (portal: string, maxRows = 0) => ({ kind: 'execute', portal, maxRows }),
  functionCall: (functionOid: number) => ({ kind: 'functionCall', functionOid, argumentFormats: [], arguments: [], resultFormat: 'text' }),
  copyData: (text: string) => ({ kind: 'copyData', data: Buffer.from(text) }),
  copyDone: () => ({ kind: 'copyDone' }),
  copyFail: (message: string) => ({ kind: 'copyFail', message }),
  sync: () => ({ kind: 'sync' }),
  flush: () => ({ kind: 'flush' }),
  terminate: () => ({ kind: 'terminate' }),
};

/** A server's message as one line. */
export function lineOf(message: BackendMessage): string {
  switch (message.kind) {
    case 'rowDescription': return `rowDescription ${message.fields.map((field) => field.name).join(' ')}`.trimEnd();
    case 'dataRow': return `dataRow ${message.cells.map((cell) => cell?.toString('utf8') ?? 'NULL').join(' | ')}`;
    case 'commandComplete': return `commandComplete ${message.tag}`;
    case 'readyForQuery': return `ready ${message.status}`;
    case 'errorResponse': return `error ${message.fields.severity} ${message.fields.code} ${message.fields.message}`;
    case 'noticeResponse': return `notice ${message.fields.code} ${message.fields.message}`;
    case 'notificationResponse': return `notification ${message.channel} ${message.payload}`;
    case 'copyData': return `copyData ${JSON.stringify(message.data.toString('utf8'))}`;
    case 'copyInResponse': case 'copyOutResponse': return `${message.kind} ${message.format} ${message.columnFormats.length}`;
    case 'parameterStatus': return `parameterStatus ${message.name} ${message.value}`;
    case 'parameterDescription': return `parameterDescription ${message.typeOids.join(' ')}`.trimEnd();
    case 'functionCallResponse': return 'functionCallResponse';
    default: return message.kind;
  }
}

/** An event as one line; undefined for those that a transcript does not show. */
export function lineOfEvent({ type, data }: MemoryEvent): string | undefined {
  switch (type) {
    case 'session.opened.v1': {
      const { principal, target } = data as EventData<'session.opened.v1'>;
      return `session.opened ${principal.name} ${target}`;
    }
    case 'session.closed.v1': return `session.closed ${(data as EventData<'session.closed.v1'>).reason}`;
    case 'command.decided.v1': {
      const { decision, action, phase } = data as EventData<'command.decided.v1'>;
      return `command.decided ${decision.outcome}${phase === 'forward' ? ' again' : ''} ${action.verb} ${JSON.stringify(action.text)}`;
    }
    case 'command.refused.v1': {
      const { reason, text } = data as EventData<'command.refused.v1'>;
      return `command.refused ${reason} ${JSON.stringify(text)}`;
    }
    case 'command.outcome.v1': {
      const { status, summary, errorCode } = data as EventData<'command.outcome.v1'>;
      return ['command.outcome', status, summary ?? errorCode].filter((word) => word !== undefined && word !== '').join(' ');
    }
    case 'input.chunk.v1': return `input.chunk ${(data as EventData<'input.chunk.v1'>).bytes}`;
    case 'protocol.violation.v1': return `protocol.violation ${(data as EventData<'protocol.violation.v1'>).reason}`;
    case 'authentication.refused.v1': return `authentication.refused ${(data as EventData<'authentication.refused.v1'>).reason}`;
    case 'grant.consumed.v1': return 'grant.consumed';
    default: return undefined;
  }
}

export function matches(expected: string, actual: string): boolean {
  return expected.endsWith(' …') ? actual.startsWith(expected.slice(0, -2)) : expected === actual;
}
