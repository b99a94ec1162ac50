import { accepted, sha256Hex, type Outcome } from '@interlock/kernel';
import type { Action, Decision, Parameter, Stated } from '@interlock/contracts';
import type { Judge } from '@interlock/domain-policy';
import { needsEstimate, refusalOf, type Session, type Unjudged, type Verdict } from '@interlock/gateway';
import { leavesOut, parseStatements, quotedName, statedIn, toldText, type Interpretation, type InterpretationContext, type Interpreter } from '@interlock/language-postgres';
import { SQLSTATE, type Bind } from '@interlock/protocol-postgres';
import { actionOf, preparationOf } from './action-of.js';
import { NO_PARAMETERS, parametersOf } from './bind-values.js';
import type { Histories } from './histories.js';
import type { PreparedStatement } from './names.js';
import { PLACEHOLDER_WRITTEN, writesPlaceholder } from './placeholders.js';
import type { Reader, Sensitivity } from './reader.js';
import type { PostgresRefusal } from './refuse.js';
import { RunningCommand } from './running-command.js';

/** Why a message is refused, and what of it is to be recorded. */
export interface RefusedMessage {
  readonly refusal: PostgresRefusal;
  readonly verdict?: Verdict;
  readonly unjudged?: Unjudged;
  /** It names what may not exist: the target is asked first, by a Parse of this text, whether it knows it. */
  readonly asksTarget?: { readonly text: string; readonly understood: Understood };
}

export type Judged<T> = Outcome<T, RefusedMessage>;

/** What a statement means, and what its answer needs, or why it cannot be masked: rules are asked first, and only a statement that they let pass hears of masking. */
export interface Understood {
  readonly meaning: Interpretation;
  readonly sensitivity: Judged<Sensitivity>;
}

export interface JudgementPorts {
  readonly session: Session;
  readonly judge: Judge;
  readonly interpreter: Interpreter;
  readonly reader: Reader;
  readonly context: InterpretationContext;
  /** What the meaning depends on beside the text, as the event tells it; the same object while it is the same. */
  readonly actionContext: Action['context'];
  /** What the connection states of every command that states nothing itself. */
  readonly stated: Stated | undefined;
  readonly histories: Histories;
  /** Whether what was gathered for a command still holds. */
  readonly isFresh: (command: RunningCommand) => boolean;
}

/** One statement as it was sent. */
interface Sent {
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly context: Action['context'];
  /** The message's text, and which statement of it this is. */
  readonly place: readonly [text: string, index: number];
  readonly bind?: Bind;
  readonly parameterTypes?: readonly number[];
}

/** Turns texts and values into judged commands. */
export class Judgement {
  readonly #ports: JudgementPorts;

  constructor(ports: JudgementPorts) {
    this.#ports = ports;
  }

  /** Every statement of a text. Refuses the text when one is not understood. */
  understand(text: string): Judged<readonly Understood[]> {
    const { interpreter, context, reader } = this.#ports;
    const meanings = interpreter.interpret(text, context);
    if (!meanings.ok) return unjudged(text, targetsOwn(text, meanings.refusal));
    const understood: Understood[] = [];
    for (const meaning of meanings.value) {
      if (meaning.facts['unsafeSetting'] === true) return this.#unsafeSetting(text, meaning, meanings.value.length === 1);
      const looked = reader.look(meaning, context.catalog);
      understood.push({ meaning, sensitivity: looked.ok ? looked : this.#cannotMask(text, meaning, looked.refusal, meanings.value.length === 1) });
    }
    return { ok: true, value: understood };
  }

  #cannotMask(text: string, meaning: Interpretation, refusal: PostgresRefusal, alone: boolean): { readonly ok: false; readonly refusal: RefusedMessage } {
    const { fetches } = meaning.effects;
    if (fetches !== undefined && this.#ports.context.cursor?.(fetches) === undefined) return unjudged(text, noCursor(fetches));
    const refused = unjudged(text, refusal);
    return alone && namesUnknown(meaning) ? { ok: false, refusal: { ...refused.refusal, asksTarget: { text, understood: { meaning, sensitivity: accepted(UNTOUCHED) } } } } : refused;
  }

  /** A setting that does not exist: to SHOW it fails as to SET it does. One with a dot in its name exists once it is set. */
  #unsafeSetting(text: string, { verb, facts }: Interpretation, alone: boolean): { readonly ok: false; readonly refusal: RefusedMessage } {
    const refused = unjudged(text, UNSAFE_SETTING);
    const name = facts['setsSetting'];
    if (!alone || verb !== 'set' || typeof name !== 'string' || name.includes('.')) return refused;
    const show = `SHOW ${quotedName(name)}`;
    const asked = this.understandOne(show);
    return asked.ok && asked.value ? { ok: false, refusal: { ...refused.refusal, asksTarget: { text: show, understood: asked.value } } } : refused;
  }

  /**
   * A text as events tell it, and what it means. Literals are left out of a long one only where they are values: of anything else (code,
   * definitions, conditions that a literal alone decides, names in literals) the event holds all.
   */
  read(sent: string): Judged<{ readonly text: string; readonly understood: readonly Understood[] }> {
    const told = toldText(sent);
    if (!told.ok) return unjudged(sent, told.refusal);
    const understood = this.understand(told.value);
    if (told.value === sent || (understood.ok ? understood.value.every(isOfValues) : understood.refusal.refusal.reason !== LEFT_OUT.reason)) {
      return understood.ok ? { ok: true, value: { text: told.value, understood: understood.value } } : understood;
    }
    const whole = this.understand(sent);
    return whole.ok ? { ok: true, value: { text: sent, understood: whole.value } } : whole;
  }

  /** The same for a text of one statement or none, as a Parse takes it. */
  readOne(sent: string): Judged<{ readonly text: string; readonly understood: Understood | undefined }> {
    const all = this.read(sent);
    if (!all.ok) return all;
    const { text, understood } = all.value;
    return understood.length > 1 ? unjudged(text, SEVERAL_STATEMENTS) : { ok: true, value: { text, understood: understood[0] } };
  }

  /** The one statement of a prepared text, as events tell it; undefined for a text without any. */
  understandOne(text: string): Judged<Understood | undefined> {
    const all = this.understand(text);
    if (!all.ok) return all;
    // The functions that it calls may have become others since it was prepared.
    if (leavesOut(text) && !all.value.every(isOfValues)) return unjudged(text, LEFT_OUT);
    return all.value.length > 1 ? unjudged(text, SEVERAL_STATEMENTS) : { ok: true, value: all.value[0] };
  }

  /** A bound statement with its values. */
  bound(statement: PreparedStatement, understood: Understood | undefined, bind: Bind): Judged<RunningCommand> {
    return this.#command(understood, { text: statement.text, parameters: parametersOf(bind, statement), context: this.#ports.actionContext, place: [statement.text, 0], bind, parameterTypes: statement.parameterTypes });
  }

  /** The statements of a simple query, up to the first that is refused; of several, each names the whole text, as sent, by its hash, and its place in it. */
  queried(text: string, understood: readonly Understood[], sent: string): Judged<readonly RunningCommand[]> {
    const { actionContext } = this.#ports;
    const hash = understood.length > 1 ? sha256Hex(sent) : '';
    const commands: RunningCommand[] = [];
    // A text without a statement is a command, too: it reaches the target, and its log.
    for (let index = 0; index < Math.max(1, understood.length); index += 1) {
      const context = understood.length > 1 ? { ...actionContext, message_sha256: hash, message_part: `${index + 1}/${understood.length}` } : actionContext;
      const own = understood.length > 1 ? understood[index]!.meaning.text : text;
      const command = this.#command(understood[index], { text: own, parameters: NO_PARAMETERS, context, place: [text, index] });
      if (!command.ok) return command;
      commands.push(command.value);
    }
    return { ok: true, value: commands };
  }

  /** The refusal of a text that would be denied, or could not be masked, whatever its values are. */
  couldNeverRun(text: string, understood: Understood | undefined): RefusedMessage | undefined {
    const { session, judge, actionContext, context, histories } = this.#ports;
    const gathered = histories.of(text, 0, understood?.meaning);
    // What the target expects of it is told when it is bound: its values decide.
    const isDecidedLater = needsEstimate({ judge, target: context.target, accesses: understood?.meaning.accesses ?? [] });
    const isDenied = !isDecidedLater && session.consult(judge, this.#actionOf(understood?.meaning, { text, parameters: NO_PARAMETERS, context: actionContext }), gathered).outcome === 'deny';
    if (!isDenied && understood?.sensitivity.ok !== false) return undefined;
    const judged = this.#command(understood, { text, parameters: NO_PARAMETERS, context: actionContext, place: [text, 0] });
    return judged.ok ? undefined : judged.refusal;
  }

  /** A statement that is only to be prepared, judged as that; refused if it could never run. */
  prepared(text: string, understood: Understood | undefined): Judged<RunningCommand> {
    const { actionContext, context } = this.#ports;
    const denied = this.couldNeverRun(text, understood);
    return denied ? { ok: false, refusal: denied } : this.#judged(this.#stating(preparationOf(text, actionContext, context.target)), undefined, UNTOUCHED);
  }

  /**
   * What the answer of a text would need that only the gateway asks for, in place of a command that states `stated`; refused where it could not be masked, or
   * where rules would deny it. No command is made of it.
   */
  tried(text: string, stated: Stated | undefined): Outcome<Sensitivity> {
    const { session, judge, actionContext, context } = this.#ports;
    const asked = this.understandOne(text);
    if (!asked.ok || !asked.value) return { ok: false, refusal: asked.ok ? NOT_ONE : asked.refusal.refusal };
    const { meaning, sensitivity } = asked.value;
    if (!sensitivity.ok) return { ok: false, refusal: sensitivity.refusal.refusal };
    const redeemed = this.#ports.reader.tokensBack(sensitivity.value, { text });
    if (!redeemed.ok) return redeemed;
    const action = actionOf(meaning, text, NO_PARAMETERS, actionContext, context.target);
    const decision = session.consult(judge, stated ? { ...action, stated } : action);
    if (decision.outcome === 'deny') return { ok: false, refusal: refusalOf(decision) };
    const shown = this.#ports.reader.unspared.look(meaning, context.catalog);
    return shown.ok ? accepted({ ...shown.value, ...(sensitivity.value.subjects && { subjects: sensitivity.value.subjects }) }) : shown;
  }

  /** A command decided under another bundle, by a history that may have gone on, or in circumstances that have, before its next execution. */
  stillAllowed(command: RunningCommand, isFirst: boolean): Judged<RunningCommand> {
    const { session, judge, isFresh } = this.#ports;
    const { decision, action, gathered, circumstances } = command.verdict;
    const hangsOnNames = gathered !== undefined || (judge.readsHistoryAt(this.#ports.context.target) && action.accesses.some(({ verb }) => verb === 'create'));
    if (hangsOnNames && !isFresh(command)) return unjudged(action.text, HISTORY_OUTDATED);
    if (circumstances && isFirst && !isFresh(command)) return unjudged(action.text, CIRCUMSTANCES_OUTDATED);
    if (decision.bundleVersion === judge.bundleVersion) return { ok: true, value: command };
    const now = session.consult(judge, action, gathered);
    return now.outcome === 'allow' ? { ok: true, value: command } : unjudged(action.text, refusalOf(now));
  }

  #command(understood: Understood | undefined, { text, parameters, context, place, bind, parameterTypes = [] }: Sent): Judged<RunningCommand> {
    const action = this.#actionOf(understood?.meaning, { text, parameters, context });
    const { histories } = this.#ports;
    const gathered = bind ? histories.ofBound(bind, understood?.meaning) : histories.of(...place, understood?.meaning);
    const sensitivity = understood?.sensitivity;
    if (sensitivity?.ok === false) return this.#refused(action, gathered, sensitivity.refusal);
    if (understood && this.#ports.reader.hasColumns && writesPlaceholder(understood.meaning, text, bind)) return this.#refused(action, gathered, unjudged(text, PLACEHOLDER_WRITTEN).refusal);
    const redeemed = this.#ports.reader.tokensBack(sensitivity?.value ?? UNTOUCHED, { text, bind, parameterTypes });
    if (!redeemed.ok) return this.#refused(action, gathered, unjudged(text, redeemed.refusal).refusal);
    const judged = this.#judged(action, understood?.meaning, sensitivity?.value ?? UNTOUCHED, gathered);
    if (judged.ok) judged.value.redeemed = redeemed.value;
    return judged;
  }

  #actionOf(meaning: Interpretation | undefined, { text, parameters, context }: Omit<Sent, 'place'>): Action {
    return this.#stating(actionOf(meaning, text, parameters, context, this.#ports.context.target));
  }

  /** What the text states goes before what its connection did. */
  #stating(action: Action): Action {
    const stated = statedIn(action.text) ?? this.#ports.stated;
    return stated ? { ...action, stated } : action;
  }

  /** What cannot be masked is refused in any case: by the rules where they deny it, for masking where they would let it pass. */
  #refused(action: Action, gathered: Verdict['gathered'], unmaskable: RefusedMessage): { readonly ok: false; readonly refusal: RefusedMessage } {
    const { session, judge } = this.#ports;
    const verdict = session.consult(judge, action, gathered).outcome === 'deny' ? session.decide(judge, action, gathered) : undefined;
    return { ok: false, refusal: verdict?.decision.outcome === 'deny' ? { refusal: refusalOf(verdict.decision), verdict } : unmaskable };
  }

  #judged(action: Action, meaning: Interpretation | undefined, sensitivity: Sensitivity, gathered?: Verdict['gathered']): Judged<RunningCommand> {
    const verdict = this.#ports.session.decide(this.#ports.judge, action, gathered);
    if (verdict.decision.outcome === 'deny') return { ok: false, refusal: { refusal: refusalOf(verdict.decision), verdict } };
    return { ok: true, value: new RunningCommand(verdict, meaning, sensitivity) };
  }
}

/** The refusal of a command that would have to wait where it cannot; inside a transaction by the rule that does not let it wait there. */
export function cannotPark(verdict: Verdict, isInTransaction = false): RefusedMessage {
  const hint = verdict.decision.ask?.glass ? 'The glass can be broken for it: send it alone, not in one message with others.' : 'It can be approved: send it alone, outside a transaction and not in one message with others, and it will wait for approval.';
  const lacking = isInTransaction ? verdict.decision.ask?.notInTransaction : undefined;
  return { verdict, refusal: { ...refusalOf(verdict.decision as Decision, lacking), reason: 'approval_needs_its_own_command', hint: lacking ? `${hint} Rule ${lacking.join(', ')} does not let it wait inside one.` : hint } };
}

export function unjudged(text: string, refusal: PostgresRefusal): { readonly ok: false; readonly refusal: RefusedMessage } {
  return { ok: false, refusal: { refusal, unjudged: { text, refusal } } };
}

/** A syntax error, or the name of a statement that this session never prepared: the target would say no more. */
function targetsOwn(text: string, refusal: PostgresRefusal): PostgresRefusal {
  if (refusal.reason === 'syntax_error') return { ...refusal, isTargetsOwn: true };
  if (refusal.reason !== 'prepared_statement_unknown') return refusal;
  const parsed = parseStatements(text);
  const name = parsed.ok && parsed.value.length === 1 ? nameOfExecute(parsed.value[0]!.node) : undefined;
  return name === undefined ? refusal : { reason: refusal.reason, sqlState: SQLSTATE.invalidStatementName, detail: `prepared statement "${name}" does not exist`, isTargetsOwn: true };
}

function nameOfExecute(node: object): string | undefined {
  const { ExecuteStmt: execute } = node as { readonly ExecuteStmt?: { readonly name?: string } };
  return execute?.name;
}

function noCursor(name: string): PostgresRefusal {
  return { reason: 'cursor_unknown', sqlState: SQLSTATE.invalidPortalName, detail: `cursor "${name}" does not exist`, isTargetsOwn: true };
}

/** Whether the statement only reads and writes rows, so that its literals are values; to some functions they are code. */
function isOfValues({ meaning: { verb, facts } }: Understood): boolean {
  const dangerous = facts['dangerousFunctions'];
  return VALUES_ONLY.has(verb) && facts['opaque'] !== true && !(Array.isArray(dangerous) && dangerous.length > 0);
}

export function namesUnknown({ facts }: Interpretation): boolean {
  return ['unknownRelations', 'unknownColumns', 'unknownFunctions'].some((fact) => Array.isArray(facts[fact]) && facts[fact].length > 0);
}

const UNTOUCHED: Sensitivity = { findings: undefined, touches: false, isBeside: false };
const UNSAFE_SETTING: PostgresRefusal = {
  reason: 'setting_refused', detail: 'The statement changes a setting on which the meaning or the protection of later statements depends, or one that cannot be told.',
  hint: 'Set it only where it is named with a plain value and concerns how answers look or how long they may take.',
};
const LEFT_OUT: PostgresRefusal = {
  reason: 'literal_left_out', sqlState: SQLSTATE.programLimitExceeded, detail: 'The statement runs code, and an event cannot tell the whole of its long literals.', hint: 'Prepare it again.',
};
const NOT_ONE: PostgresRefusal = { reason: 'no_statement', detail: 'The text holds no statement.' };
const VALUES_ONLY = new Set(['select', 'insert', 'update', 'delete', 'merge']);
const HISTORY_OUTDATED: PostgresRefusal = {
  reason: 'history_outdated', detail: 'What the names of this statement mean, or what the target expects of it, on which a rule depends, was looked up when it was bound, and may be something else by now.', retryable: true,
  hint: 'Bind it anew, and execute it at once.',
};
const CIRCUMSTANCES_OUTDATED: PostgresRefusal = {
  reason: 'circumstances_outdated', detail: 'The statement was decided by the time and by what was done lately when it was bound, and that is some while ago.', retryable: true,
  hint: 'Bind it anew, and execute it at once.',
};
const SEVERAL_STATEMENTS: PostgresRefusal = { reason: 'several_statements', sqlState: SQLSTATE.syntaxError, detail: 'cannot insert multiple commands into a prepared statement', isTargetsOwn: true };
