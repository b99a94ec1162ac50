import { createHash } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ImpactPreview, ObjectChanges, RowSample } from '@interlock/contracts';
import { CHANGES_QUERY, changesBetween, companionsQuery, explainText, readPlan, relationsOf, untriable, withReturning, type Catalog, type Interpretation, type Returning } from '@interlock/language-postgres';
import { DataRowCursor, HEADER_BYTES } from '@interlock/protocol-postgres';
import { planAnswer } from './answer-plan.js';
import { decodeMessage, ProbeFailed } from './conversation.js';
import { POSTGRES_LIMITS } from './limits.js';
import type { ProbeResult } from './probe.js';
import type { Reader } from './reader.js';
import type { SentStatement } from './running-command.js';
import type { SideConnection } from './side-connection.js';

/** What was found out about a command, and whatever of it is not for people to read. */
export interface Found {
  readonly preview: Omit<ImpactPreview, 'takenAt'>;
  /** SHA-256 over the identities of the very rows that were counted. */
  readonly state?: string;
  /** What else runs when its rows change, one sentence each. */
  readonly companions: readonly string[];
}

/** What the target expects of a statement, as people read it. */
type Estimate = Pick<ImpactPreview, 'kind' | 'plan'> & { readonly estimatedRows: number };

export interface Subject {
  readonly sent: SentStatement;
  readonly meaning: Interpretation;
  readonly catalog: Catalog;
  readonly reader: Reader;
}

/** Startup parameters of a connection that looks and changes nothing: what is to be tried says so of its own transaction. */
export const PREVIEW_PARAMETERS = { application_name: 'interlock preview', default_transaction_read_only: 'on' } as const;
const PURPOSE = 'preview';
const PLANNED = new Set(['select', 'insert', 'update', 'delete', 'merge']);
const LIMITS = `SELECT pg_catalog.set_config('default_transaction_read_only', 'on', false), pg_catalog.set_config('statement_timeout', '${POSTGRES_LIMITS.previewMs}', false), pg_catalog.set_config('lock_timeout', '${POSTGRES_LIMITS.previewLockMs}', false), pg_catalog.set_config('idle_in_transaction_session_timeout', '${2 * POSTGRES_LIMITS.previewMs}', false)`;

/** Why a command has no plan to look at, as a clause; undefined where it may have one. */
export function unplannable({ verb, facts }: Interpretation): string | undefined {
  if (!PLANNED.has(verb)) return `the target has no plan of ${verb}`;
  return facts['opaque'] === true ? 'it runs code that cannot be looked into, some of which planning it could run' : undefined;
}

/** What else would run, asked before the connection is given the session's settings: this alone looks names up where nobody but the target can put any. @throws ProbeFailed, LedgerUnavailable */
export async function companionsOf(side: SideConnection, { meaning, catalog }: Pick<Subject, 'meaning' | 'catalog'>): Promise<string[]> {
  const oids = [...new Set(relationsOf(meaning, catalog).map(({ oid }) => oid))];
  if (oids.length === 0) return [];
  const [, found] = await side.ask(PURPOSE, 'SET search_path TO pg_catalog', companionsQuery(oids), 'RESET search_path');
  return found!.rows().map(({ kind, name, relation }) => `The ${kind} ${name} of ${relation} comes with it: rows that it changes count, what else it does is not bounded.`);
}

/** What the target expects of it, and, where `isExact`, what it does. @throws ProbeFailed, LedgerUnavailable when not even that can be asked. */
export async function lookAt(side: SideConnection, subject: Subject, companions: readonly string[], isExact: boolean): Promise<Found> {
  await limit(side, PURPOSE);
  const estimate = await estimated(side, subject.sent, PURPOSE);
  if (!isExact || !estimate.ok) return { preview: estimate.ok ? estimate.value : { kind: 'none', reason: estimate.refusal.detail }, companions };
  const reason = notTried(subject, companions, estimate.value.estimatedRows);
  if (reason !== undefined) return { preview: { ...estimate.value, reason: `Its rows were not counted: ${reason}.` }, companions };
  const tried = await trial(side, subject);
  if (!tried.ok) return { preview: { ...estimate.value, reason: tried.refusal.detail }, companions };
  const { state, ...counted } = tried.value;
  return { preview: { ...estimate.value, kind: 'exact', ...counted }, ...(state !== undefined && { state }), companions };
}

/** Holds a connection to looking, within limits of time: behind whatever settings of a session it was given. @throws ProbeFailed, LedgerUnavailable */
export async function limit(side: SideConnection, purpose: string): Promise<void> {
  await side.ask(purpose, LIMITS);
}

/** What the target expects of a statement that has a plan. @throws ProbeFailed where it does not answer, LedgerUnavailable */
export async function estimated(side: SideConnection, sent: Pick<SentStatement, 'text' | 'parameterTypes' | 'bind'>, purpose: string): Promise<Outcome<Estimate>> {
  const [probe] = await side.permit(purpose, [explainText(sent.text)]);
  const answer = await side.run(probe!, sent).then(accepted, notDone('The target does not plan it'));
  if (!answer.ok) return answer;
  const plan = readPlan(Object.values(answer.value.rows()[0] ?? {})[0] ?? '');
  return plan.ok ? accepted({ kind: 'estimate', estimatedRows: plan.value.rows, plan: [...plan.value.lines] }) : plan;
}

function notTried({ meaning, catalog }: Subject, companions: readonly string[], rows: number): string | undefined {
  const [first] = companions;
  if (first !== undefined) return `${first.slice(0, first.indexOf(' comes with it')).replace(/^The/, 'the')} would run, whose effects a rollback may not take back`;
  if (rows > POSTGRES_LIMITS.previewRows) return `the target expects ${rows}, and it is tried on ${POSTGRES_LIMITS.previewRows} at most`;
  return untriable(meaning, catalog);
}

interface Counted {
  readonly rows: number;
  readonly changes: ObjectChanges[];
  readonly sample?: RowSample;
  readonly sampleWithheld?: string;
  readonly state?: string;
}

async function trial(side: SideConnection, subject: Subject): Promise<Outcome<Counted>> {
  const returning = withReturning(subject.sent.text, side.serverMajor);
  const text = returning?.text ?? subject.sent.text;
  const probes = await side.permit(`${PURPOSE}, rolled back`, ['BEGIN READ WRITE', CHANGES_QUERY, text, 'SET CONSTRAINTS ALL IMMEDIATE', CHANGES_QUERY, 'ROLLBACK']);
  const results: ProbeResult[] = [];
  try {
    for (const probe of probes) results.push(await side.run(probe, probe.text === text ? subject.sent : undefined));
  } catch (fault) {
    return notDone('As the target stands it would fail')(fault);
  }
  const [, before, answer, , after] = results;
  const changes = changesBetween(before!.rows(), after!.rows());
  if (!changes) return refused('not_counted', 'Its rows were not counted: the target does not count what a transaction changes.');
  const rows = changes.reduce((sum, { inserted, updated, deleted }) => sum + inserted + updated + deleted, 0);
  return accepted({ rows, changes, ...(returning ? { ...sampleOf(answer!, returning, subject), ...identityOf(answer!, returning) } : { sampleWithheld: 'Its rows cannot be shown in its form.' }) });
}

/** The rows' identity, whatever order they came in; nothing where the target does not tell it. */
export function identityOf({ messages }: ProbeResult, { identity }: Returning): { readonly state?: string } {
  if (identity === 0) return {};
  const row = new DataRowCursor();
  const identities = messages.slice(1).map((message) => {
    if (row.load(message, HEADER_BYTES, message.length)) throw new ProbeFailed('the answer does not follow the protocol', false);
    return [0, 1, 2].map((column) => row.cell(column)?.toString('latin1') ?? '').join(' ');
  });
  return { state: createHash('sha256').update(identities.toSorted().join('\n')).digest('hex') };
}

/** Some rows, where the requester itself may read them: masked as for a reader whom no rule spares, so that no approver sees more than is theirs. */
function sampleOf({ messages }: ProbeResult, { shown, identity }: Returning, { sent, reader, catalog }: Subject): Pick<Counted, 'sample' | 'sampleWithheld'> {
  const description = messages[0] && decodeMessage(messages[0]);
  if (description?.kind !== 'rowDescription') return { sampleWithheld: 'The target gave no rows.' };
  const sensitivity = sent.tried(shown);
  if (!sensitivity.ok) return { sampleWithheld: `The requester could not see its rows: ${sensitivity.refusal.detail}` };
  if (sensitivity.value.subjects?.some(({ columns }) => columns.length > 0)) return { sampleWithheld: 'A budget counts of whom the requester is shown rows.' };
  const fields = description.fields.slice(identity);
  const plan = planAnswer(fields, undefined, sensitivity.value, reader.unspared, catalog);
  if (!plan.ok) return { sampleWithheld: plan.refusal.detail };
  const columns = fields.slice(0, POSTGRES_LIMITS.sampleColumns).map(({ name }) => name);
  const row = new DataRowCursor();
  const rows = messages.slice(1, 1 + POSTGRES_LIMITS.sampleRows).map((message) => {
    if (row.load(message, HEADER_BYTES, message.length)) throw new ProbeFailed('the answer does not follow the protocol', false);
    return columns.map((_, column) => {
      const cell = row.cell(column + identity);
      const masked = cell === null || plan.value === 'verbatim' ? undefined : plan.value.value(column, cell);
      return shortened(masked === undefined ? cell : masked);
    });
  });
  return { sample: { columns, rows } };
}

function shortened(cell: Uint8Array | null): string | null {
  if (cell === null) return null;
  const text = Buffer.from(cell).toString('utf8');
  return text.length <= POSTGRES_LIMITS.sampleCharacters ? text : `${text.slice(0, POSTGRES_LIMITS.sampleCharacters).toWellFormed()}...`;
}

const BY_CODE: Readonly<Record<string, string>> = {
  '42501': 'its role there may not do it', '57014': `it takes longer than ${POSTGRES_LIMITS.previewMs} ms`, '55P03': 'others hold locks on its rows', '25006': 'it would write where only reading is allowed',
};

/** An answer with an error says why there is no preview. Without an answer nothing more can be asked: that is thrown on. */
function notDone(what: string): (fault: unknown) => { readonly ok: false; readonly refusal: { readonly reason: string; readonly detail: string } } {
  return (fault) => {
    if (!(fault instanceof ProbeFailed) || !fault.isAnswered) throw fault;
    const { code = 'malformed' } = fault;
    return { ok: false, refusal: { reason: 'not_previewed', detail: `${what}: ${BY_CODE[code] ?? `SQLSTATE ${code}`}.` } };
  };
}
