import { unreachable } from '@interlock/kernel';
import type { Effects } from '@interlock/language-postgres';
import { encodeFrontend, SQLSTATE, type Bind, type Close, type Describe, type Execute, type Parse, type Query, type TransactionStatus } from '@interlock/protocol-postgres';
import { NO_COMMANDS, type Expected } from './expected.js';
import { cannotPark, namesUnknown, unjudged, type Judgement, type RefusedMessage, type Understood } from './judgement.js';
import { POSTGRES_LIMITS } from './limits.js';
import { PlannedNames, type Portal, type SessionNames } from './names.js';
import { inFailedTransaction, type PostgresRefusal } from './refuse.js';
import type { RunningCommand, SentStatement } from './running-command.js';
import type { ClientMessage, Segment } from './segment.js';
import { tokensCannotWait, withRedeemed } from './tokens-back.js';

/** Bytes for the target and the answers they will bring. */
export interface Step {
  readonly raw: Buffer;
  readonly expected?: Expected;
  readonly command?: RunningCommand;
}

/** What is to be done with a segment: everything before the refusal is forwarded, if there is one. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly commands: readonly RunningCommand[];
  /** The one command that people have to agree to first. */
  readonly parks: RunningCommand | undefined;
  readonly refused: RefusedMessage | undefined;
  /** Messages that can be understood only once this plan has been answered. */
  readonly rest: readonly ClientMessage[];
}

/** Everything that would run, commands of earlier messages included. */
export function commandsIn({ commands, steps }: Pick<Plan, 'commands' | 'steps'>): RunningCommand[] {
  return [...new Set([...commands, ...steps.flatMap(({ expected }) => expected?.commands ?? [])])];
}

export interface PlanPorts {
  readonly judgement: Judgement;
  readonly names: SessionNames;
  readonly status: TransactionStatus;
  /** Something of this pipeline was forwarded before, and no Sync since. */
  readonly openPipeline: boolean;
  /** Rows need a description before they can be masked, even where the client asks for none. */
  readonly needsDescription: boolean;
  /** This segment has taken so long to understand that others come first. */
  readonly hasTakenLong: () => boolean;
  /** The target knows a name that its catalog, as read here, does not have. */
  readonly onUnknownToCatalog: () => void;
}

interface Unclaimed {
  /** Its place among the steps. */
  readonly step: number;
  readonly name: string;
  readonly text: string;
  readonly understood: Understood | undefined;
}

/** Protocol messages -> actions: reads one segment, message by message, as the messages before it would leave the session. */
export class SegmentPlanner {
  readonly #ports: PlanPorts;
  readonly #segment: Segment;
  readonly #names: PlannedNames;
  readonly #steps: Step[] = [];
  readonly #commands: RunningCommand[] = [];
  /** Parses of this segment whose text no command commits to so far. */
  readonly #unclaimed: Unclaimed[] = [];
  #mustCut = false;
  #parks: RunningCommand | undefined;

  constructor(ports: PlanPorts, segment: Segment, names: PlannedNames) {
    this.#ports = ports;
    this.#segment = segment;
    this.#names = names;
  }

  plan(): Plan {
    const { messages } = this.#segment;
    for (const [index, { message, raw }] of messages.entries()) {
      if (this.#mustCut && message.kind !== 'sync' && message.kind !== 'flush') return this.#result(undefined, messages.slice(index));
      if (this.#shallWait(message)) return this.#result(undefined, messages.slice(index));
      const refused = this.#take(message, raw, index);
      if (refused) return this.#result(refused, []);
    }
    return this.#result(undefined, []);
  }

  /** Understanding goes on in another turn, but for a Bind: people agree to it together with its own Parse. */
  #shallWait(message: ClientMessage['message']): boolean {
    if (this.#steps.length === 0 || (message.kind !== 'bind' && message.kind !== 'parse') || !this.#ports.hasTakenLong()) return false;
    return message.kind === 'parse' || !this.#unclaimed.some(({ name }) => name === message.statement);
  }

  #result(refused: RefusedMessage | undefined, rest: readonly ClientMessage[]): Plan {
    if (refused && this.#parks) return this.#cutBefore(0, cannotPark(this.#parks.verdict));
    for (const parse of this.#unclaimed) {
      const prepared = this.#prepareAlone(parse);
      if (prepared) return this.#cutBefore(parse.step, prepared);
    }
    return { steps: this.#steps, commands: this.#commands, parks: this.#parks, refused: this.#asTold(refused), rest };
  }

  /** A Parse without a Bind that commits to its text is a command of its own: a preparation. */
  #prepareAlone({ step, text, understood }: Unclaimed): RefusedMessage | undefined {
    const judged = this.#ports.judgement.prepared(text, understood);
    if (!judged.ok) return judged.refusal;
    const command = judged.value;
    if (command.verdict.decision.outcome === 'ask') return cannotPark(command.verdict);
    this.#commands.push(command);
    const { raw, expected } = this.#steps[step]!;
    this.#steps[step] = { raw, command, expected: { ...expected!, commands: [command] } };
    return undefined;
  }

  /** What stands before a step may go; the rest is refused with it. */
  #cutBefore(step: number, refused: RefusedMessage): Plan {
    const steps = this.#steps.slice(0, step);
    const kept = new Set(steps.flatMap(({ command, expected }) => [command, ...(expected?.commands ?? [])]));
    return { steps, commands: this.#commands.filter((command) => kept.has(command)), parks: undefined, refused: this.#asTold(refused), rest: [] };
  }

  /** In a failed transaction the client hears of that, whatever the reason recorded is. */
  #asTold<T extends RefusedMessage | undefined>(refused: T): T {
    if (!refused || this.#ports.status !== 'failed') return refused;
    return { ...refused, refusal: inFailedTransaction(refused.refusal, refused.verdict?.action.facts['transactionControl']) };
  }

  #take(message: ClientMessage['message'], raw: Buffer, index: number): RefusedMessage | undefined {
    switch (message.kind) {
      case 'query':
        return this.#query(message, raw);
      case 'parse':
        return this.#parse(message, raw);
      case 'bind':
        return this.#bind(message, raw, index);
      case 'describe':
        return this.#describe(message, raw);
      case 'execute':
        return this.#execute(message, raw);
      case 'close':
        return this.#close(message, raw);
      case 'sync':
        this.#steps.push({ raw, expected: { kind: 'sync', commands: NO_COMMANDS } });
        return undefined;
      case 'flush':
        this.#steps.push({ raw });
        return undefined;
      case 'functionCall':
        return unjudged('', { reason: 'function_call_refused', detail: 'The function-call sub-protocol names functions by number and is never forwarded.', hint: 'Call the function with SELECT.' }).refusal;
      case 'copyData': case 'copyDone': case 'copyFail': case 'terminate':
        throw new Error(`${message.kind} is no part of a segment`);
      default:
        return unreachable(message);
    }
  }

  #query({ text: sent }: Query, raw: Buffer): RefusedMessage | undefined {
    const read = this.#ports.judgement.read(sent);
    if (!read.ok) return this.#askTarget(read.refusal);
    const { text, understood } = read.value;
    if (understood.length > POSTGRES_LIMITS.queryCommands) return tooMany(text);
    const judged = this.#ports.judgement.queried(text, understood, sent);
    if (!judged.ok) return this.#askTarget(judged.refusal);
    const commands = judged.value;
    for (const command of commands) {
      const refused = this.#admit(command, commands.length === 1, { text: sent, parameterTypes: [], isPreparedBefore: false });
      if (refused) return refused;
    }
    this.#commands.push(...commands);
    this.#steps.push({ raw, expected: { kind: 'query', commands } });
    return undefined;
  }

  #parse({ statement: name, text: sent, parameterTypes }: Parse, raw: Buffer): RefusedMessage | undefined {
    const read = this.#ports.judgement.readOne(sent);
    if (name !== '' && (this.#names.statement(name) || this.#names.isPreparedBySql(name))) return protocolRefusal(sent, SQLSTATE.duplicateStatement, `prepared statement "${name}" already exists`);
    if (this.#ports.names.size >= POSTGRES_LIMITS.names) return protocolRefusal(sent, SQLSTATE.configurationLimitExceeded, `a session may hold ${POSTGRES_LIMITS.names} prepared statements and portals`);
    if (!read.ok) return this.#askTarget(read.refusal);
    const { text, understood } = read.value;
    const denied = this.#ports.judgement.couldNeverRun(text, understood);
    if (denied) return this.#askTarget(denied);
    const statement = { name, text, parameterTypes, described: undefined };
    this.#names.setStatement(name, statement);
    this.#unclaimed.push({ step: this.#steps.length, name, text, understood });
    const onSuccess = (): void => void this.#ports.names.statements.set(name, statement);
    this.#steps.push({ raw, expected: { kind: 'parse', commands: NO_COMMANDS, onSuccess } });
    return undefined;
  }

  /**
   * Names that are not known here mostly do not exist. A Parse runs nothing, and has the target say so in its own words; if it does know
   * them, its answer is dropped, the refusal stands, and a catalog that did not have them is read again.
   */
  #askTarget(refused: RefusedMessage): RefusedMessage {
    if (!refused.asksTarget || this.#ports.status === 'failed') return refused;
    const { text, understood } = refused.asksTarget;
    const asked = this.#ports.judgement.prepared(text, understood);
    if (!asked.ok || asked.value.verdict.decision.outcome !== 'allow') return refused;
    const raw = encodeFrontend({ kind: 'parse', statement: '', text, parameterTypes: [] });
    const onSuccess = (): void => {
      this.#ports.names.statements.delete('');
      if (namesUnknown(understood.meaning)) this.#ports.onUnknownToCatalog();
    };
    this.#commands.push(asked.value);
    this.#steps.push({ raw, expected: { kind: 'parse', commands: [asked.value], drop: true, onSuccess }, command: asked.value });
    return refused;
  }

  #bind(bind: Bind, raw: Buffer, index: number): RefusedMessage | undefined {
    const statement = this.#names.statement(bind.statement);
    if (!statement) return this.#unknownStatement(bind.statement);
    if (bind.portal !== '' && this.#names.portal(bind.portal)?.state === 'bound' && !this.#segment.messages.slice(0, index).some(isEnd)) {
      return protocolRefusal(statement.text, SQLSTATE.duplicatePortal, `cursor "${bind.portal}" already exists`);
    }
    const understood = this.#ports.judgement.understandOne(statement.text);
    if (!understood.ok) return understood.refusal;
    const judged = this.#ports.judgement.bound(statement, understood.value, bind);
    if (!judged.ok) return judged.refusal;
    const command = judged.value;
    if (command.redeemed.size > 0 && command.verdict.decision.outcome === 'ask') return tokensCannotWait(command.verdict);
    const isPreparedBefore = !this.#unclaimed.some(({ name }) => name === bind.statement);
    const refused = this.#admit(command, this.#isAlone(bind, index), { text: statement.text, parameterTypes: statement.parameterTypes, bind, isPreparedBefore });
    if (refused) return refused;
    this.#commands.push(command);
    this.#claim(bind.statement);
    const portal: Portal = { name: bind.portal, statement, bind, meaning: understood.value?.meaning, command, state: 'bound' };
    this.#names.setPortal(bind.portal, portal);
    const onSuccess = (): void => this.#ports.names.setPortal(portal);
    this.#steps.push({ raw: command.redeemed.size === 0 ? raw : encodeFrontend(withRedeemed(bind, command.redeemed)), expected: { kind: 'bind', commands: NO_COMMANDS, onSuccess }, command });
    if (this.#ports.needsDescription && statement.described === undefined && !this.#isDescribedLater(bind.portal, index)) this.#askForDescription(portal);
    return undefined;
  }

  /** A Bind commits to the text that its statement was last given. */
  #claim(statement: string): void {
    const index = this.#unclaimed.findLastIndex(({ name }) => name === statement);
    if (index >= 0) this.#unclaimed.splice(index, 1);
  }

  #unknownStatement(name: string): RefusedMessage {
    if (this.#names.isPreparedBySql(name)) return unknownKind(`the statement "${name}" was prepared by SQL; run it with EXECUTE`);
    return protocolRefusal('', SQLSTATE.invalidStatementName, name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`);
  }

  /** Nothing in this segment runs or prepares anything but this Bind and the Parse that it names: people agree to that, and to no more. */
  #isAlone({ statement }: Bind, index: number): boolean {
    const others = this.#segment.messages.filter(({ message }, at) => (message.kind === 'bind' || message.kind === 'parse') && at !== index);
    const isItsParse = ({ message }: ClientMessage): boolean => message.kind === 'parse' && message.statement === statement;
    return others.length === 0 || (others.length === 1 && isItsParse(others[0]!) && this.#segment.messages.indexOf(others[0]!) < index);
  }

  #isDescribedLater(portal: string, index: number): boolean {
    for (const { message } of this.#segment.messages.slice(index + 1)) {
      if (message.kind === 'execute' && message.portal === portal) return false;
      if (message.kind === 'describe' && message.subject === 'portal' && message.name === portal) return true;
    }
    return false;
  }

  /** The client binds without asking what will come back; the gateway has to know. */
  #askForDescription(portal: Portal): void {
    const raw = encodeFrontend({ kind: 'describe', subject: 'portal', name: portal.name });
    this.#steps.push({ raw, expected: { kind: 'describe', commands: NO_COMMANDS, portal, drop: true } });
  }

  #describe({ subject, name }: Describe, raw: Buffer): RefusedMessage | undefined {
    const statement = subject === 'statement' ? this.#names.statement(name) : undefined;
    const portal = subject === 'portal' ? this.#names.portal(name) : undefined;
    this.#steps.push({ raw, expected: { kind: 'describe', commands: NO_COMMANDS, ...(statement ? { statement } : {}), ...(portal ? { portal } : {}) } });
    return undefined;
  }

  #execute({ portal: name }: Execute, raw: Buffer): RefusedMessage | undefined {
    const portal = this.#names.portal(name);
    if (!portal) return protocolRefusal('', SQLSTATE.invalidPortalName, `portal "${name}" does not exist`);
    if (portal.state === 'done' || portal.command.isSettled) return protocolRefusal(portal.statement.text, SQLSTATE.objectNotInPrerequisiteState, `portal "${name}" cannot be run again; bind it anew`);
    const still = this.#ports.judgement.stillAllowed(portal.command, portal.state === 'bound');
    if (!still.ok) return still.refusal;
    this.#steps.push({ raw, expected: { kind: 'execute', commands: [portal.command], portal }, command: portal.command });
    if (portal.meaning && changesMeaning(portal.meaning.effects)) this.#mustCut = true;
    return undefined;
  }

  #close({ subject, name }: Close, raw: Buffer): RefusedMessage | undefined {
    if (subject === 'statement') this.#names.setStatement(name, undefined);
    else this.#names.setPortal(name, undefined);
    const { names } = this.#ports;
    const onSuccess = (): void => {
      if (subject === 'statement') names.apply({ deallocates: { name }, createsOrAltersCatalog: false });
      else names.apply({ closesCursor: { name }, createsOrAltersCatalog: false });
    };
    this.#steps.push({ raw, expected: { kind: 'close', commands: NO_COMMANDS, onSuccess } });
    return undefined;
  }

  /** Whether a command may go with those before it. One that asks must be alone, with nothing open around it. */
  #admit(command: RunningCommand, alone: boolean, sent: Omit<SentStatement, 'tried' | 'isInTransaction'>): RefusedMessage | undefined {
    if (command.verdict.decision.outcome === 'ask') {
      const { status, openPipeline } = this.#ports;
      const { waitInTransactionSeconds, glass } = command.verdict.decision.ask ?? {};
      const isInTransaction = status === 'inTransaction' && (waitInTransactionSeconds !== undefined || glass !== undefined);
      const free = (status === 'idle' || isInTransaction) && !openPipeline && (this.#segment.end === 'query' || this.#segment.end === 'sync');
      if (!alone || !free) return cannotPark(command.verdict, status === 'inTransaction');
      command.sent = { ...sent, isInTransaction, tried: (text) => this.#ports.judgement.tried(text, command.verdict.action.stated) };
      this.#parks = command;
    }
    if (this.#commands.length + 1 >= POSTGRES_LIMITS.segmentCommands) this.#mustCut = true;
    return undefined;
  }
}

/** Whether what follows can be understood only after this has succeeded. */
function changesMeaning(effects: Effects): boolean {
  const { searchPath, prepares, deallocates, declaresCursor, closesCursor, discards, transaction, createsOrAltersCatalog } = effects;
  const ends = transaction !== undefined && !['begin', 'savepoint', 'release'].includes(transaction);
  return ends || createsOrAltersCatalog || Boolean(searchPath ?? prepares ?? deallocates ?? declaresCursor ?? closesCursor ?? discards);
}

function isEnd({ message }: ClientMessage): boolean {
  return message.kind === 'sync';
}

function tooMany(text: string): RefusedMessage {
  return protocolRefusal(text, SQLSTATE.programLimitExceeded, `one message may hold ${POSTGRES_LIMITS.queryCommands} statements; send them in several`);
}

function unknownKind(detail: string): RefusedMessage {
  return unjudged('', { reason: 'protocol_refused', sqlState: SQLSTATE.featureNotSupported, detail }).refusal;
}

function protocolRefusal(text: string, sqlState: string, detail: string): RefusedMessage {
  const refusal: PostgresRefusal = { reason: 'protocol_refused', sqlState, detail, isTargetsOwn: true };
  return unjudged(text, refusal).refusal;
}
