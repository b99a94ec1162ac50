import { accepted, LedgerUnavailable, refused, type EventSeal, type Outcome } from '@interlock/kernel';
import { REFUSALS, type Session } from '@interlock/gateway';
import { quotedName } from '@interlock/language-postgres';
import { encodeFrontend } from '@interlock/protocol-postgres';
import { askSession, type Asking } from './ask-session.js';
import type { Admission, Dial } from './authenticate.js';
import type { ConnectorPorts } from './connector-ports.js';
import { converse, ProbeFailed, type Conversed, type Conversing } from './conversation.js';
import { askOn, type Lane } from './lane.js';
import { permitProbes, runBoundProbe, runProbe, type Probe, type ProbePorts, type ProbeResult, type TextRow } from './probe.js';
import type { SentStatement } from './running-command.js';
import { CONTEXT_QUERY, SessionContext } from './session-context.js';
import type { Permitted, Upstream } from './upstream.js';

export interface SidePorts extends ProbePorts {
  readonly target: string;
  readonly session: string;
  /** The probes repeat words of the session's exchange. */
  readonly seal: EventSeal;
  readonly dial: Dial;
}

const TERMINATE = encodeFrontend({ kind: 'terminate' });

/**
 * A connection of the gateway's own beside a session's, with that session's rights at the target: rights to explain a command are those to run it.
 * What it says there is recorded before, as probes, but for the command itself, which goes under its own permit.
 */
export class SideConnection implements Lane {
  readonly #ports: SidePorts;
  readonly #upstream: Upstream;

  private constructor(ports: SidePorts, upstream: Upstream) {
    this.#ports = ports;
    this.#upstream = upstream;
  }

  /** With the elevated rights of a grant where one is named. */
  static async open(ports: SidePorts, parameters: Readonly<Record<string, string>> = {}, grant?: string): Promise<Outcome<SideConnection>> {
    const dialled = await ports.dial(Object.entries(parameters), grant);
    return dialled.ok ? accepted(new SideConnection(ports, dialled.value)) : dialled;
  }

  /** The number before the dot of the server's version; 0 where it does not say. */
  get serverMajor(): number {
    return Number.parseInt(this.#upstream.loggedIn.parameters.get('server_version') ?? '0', 10) || 0;
  }

  /** @throws ProbeFailed, LedgerUnavailable */
  ask(purpose: string, ...texts: readonly string[]): Promise<ProbeResult[]> {
    return askOn(this, purpose, texts);
  }

  permit(purpose: string, texts: readonly string[]): Promise<Probe[]> {
    const { target, session, seal } = this.#ports;
    return permitProbes(this.#ports, target, purpose, texts, session, seal);
  }

  run(probe: Probe, sent?: Pick<SentStatement, 'bind' | 'parameterTypes'>): Promise<ProbeResult> {
    return sent ? runBoundProbe(this.#upstream, probe, sent) : runProbe(this.#upstream, probe);
  }

  say(part: Permitted, conversing: Conversing): Promise<Conversed> {
    return converse(this.#upstream, part, conversing);
  }

  cancel(): void {
    void this.#upstream.cancel();
  }

  /** Whatever is not committed is undone by the target. */
  close(): void {
    const { socket } = this.#upstream;
    if (!socket.destroyed) socket.end(TERMINATE);
    socket.resume();
  }
}

/** Whose session it is beside which something is done. */
export interface BesidePorts extends Pick<ConnectorPorts, 'ledger' | 'clock'> {
  readonly admission: Admission;
  readonly session: Session;
}

export interface Beside {
  /** Whether the connection is to be closed when the work has come to its end. */
  readonly isDone: () => boolean;
  /** The approval with whose elevated rights it is opened. */
  readonly grant?: string;
}

/** Does something on a connection of its own, which is closed afterwards where it is not kept. */
export async function beside<T>({ ledger, clock, admission, session }: BesidePorts, parameters: Readonly<Record<string, string>>, work: (side: SideConnection) => Promise<Outcome<T>>, { isDone, grant }: Beside = { isDone: () => true }): Promise<Outcome<T>> {
  const opened = await SideConnection.open({ ledger, nowMs: () => clock.nowMs(), target: admission.target.name, session: session.id, seal: admission.seal, dial: admission.dial }, parameters, grant);
  if (!opened.ok) return opened;
  try {
    return await work(opened.value);
  } catch (fault) {
    return asRefusal(fault);
  } finally {
    if (isDone()) opened.value.close();
  }
}

const PURPOSE = 'session settings';
/** What the session itself has set, but for its transaction's own, and for what cannot be set so. The search path is a client's: all is named in full. */
const SETTINGS_QUERY = `SELECT name, setting FROM pg_catalog.pg_settings WHERE source OPERATOR(pg_catalog.=) 'session' AND name OPERATOR(pg_catalog.!~) '^(transaction_|seed$|role$|session_authorization$)' ORDER BY 1`;

/** Where names are looked up indeed: schemas of the path that are there, and that the role may use. A temporary one is each session's own. */
const SCHEMAS_QUERY = "SELECT schema::pg_catalog.text AS schema FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS found(schema, place) WHERE schema::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_temp_' ORDER BY place";

/**
 * Gives a side connection the settings of a session, which is asked for them, and makes sure that it means the same by names. An elevated one has another role, which
 * may use other schemas: its path is where the session looks names up indeed.
 */
export async function likeSession(side: SideConnection, context: SessionContext, asking: Asking, isElevated = false): Promise<Outcome<unknown>> {
  const told = await askSession(asking, { purpose: PURPOSE, text: SETTINGS_QUERY, matter: 'how it is set', reason: 'context_unknown' });
  if (!told.ok) return told;
  const schemas = isElevated ? await askSession(asking, { purpose: PURPOSE, text: SCHEMAS_QUERY, matter: 'where names are looked up', reason: 'context_unknown' }) : accepted([]);
  if (!schemas.ok) return schemas;
  const path = isElevated ? [{ name: 'search_path', setting: pathOf(schemas.value) }] : [];
  const settings = [...told.value, ...path].map(({ name, setting }) => `pg_catalog.set_config(${literal(name)}, ${literal(setting)}, false)`);
  const [answer] = (await side.ask(PURPOSE, ...(settings.length > 0 ? [`SELECT ${settings.join(', ')}`] : []), CONTEXT_QUERY)).slice(-1);
  const [found] = isElevated ? await side.ask(PURPOSE, SCHEMAS_QUERY) : [];
  const there = new SessionContext(answer!.rows(), new Map()).action;
  const isFound = !found || pathOf(found.rows()) === pathOf(schemas.value);
  const isSame = isFound && Object.entries(context.action).every(([name, value]) => there[name] === value || (isElevated && OF_ITS_ROLE.has(name)));
  return isSame ? accepted(undefined) : refused('context_differs', 'A connection of its own does not mean the same by names as the session does.', { hint: 'Connect again, and send the command again.' });
}

/** What differs with the role, and with it alone. */
const OF_ITS_ROLE: ReadonlySet<string> = new Set(['role', 'search_path']);

function pathOf(schemas: readonly TextRow[]): string {
  return schemas.map(({ schema }) => quotedName(schema ?? '')).join(', ');
}

function literal(value: string | null | undefined): string {
  return `'${(value ?? '').replaceAll("'", "''")}'`;
}

/** What a target could not be asked, as a refusal; anything unforeseen is thrown on. */
export function asRefusal(fault: unknown): { readonly ok: false; readonly refusal: { readonly reason: string; readonly detail: string; readonly retryable?: boolean } } {
  if (fault instanceof LedgerUnavailable) return { ok: false, refusal: REFUSALS.ledgerUnavailable };
  if (!(fault instanceof ProbeFailed)) throw fault;
  return { ok: false, refusal: { reason: 'target_unanswered', detail: `The target could not be asked on a connection of its own: ${fault.message}.`, retryable: true } };
}
