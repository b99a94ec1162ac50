import { accepted, type Outcome } from '@interlock/kernel';
import type { Catalog } from '@interlock/language-postgres';
import type { CopyResponse, FieldDescription } from '@interlock/protocol-postgres';
import { planAnswer, type AnswerPlan } from './answer-plan.js';
import { planCopyOut, type CopyMask } from './copy-out.js';
import type { Portal } from './names.js';
import type { Reader } from './reader.js';
import type { PostgresRefusal } from './refuse.js';
import type { RunningCommand } from './running-command.js';
import { copySubjects, subjectCells, type CopySubjects, type SubjectCells } from './subject-rows.js';

type Planned<T> = Outcome<T, PostgresRefusal>;

interface Known {
  /** The description as it came, of a simple query. */
  readonly raw: Buffer | undefined;
  readonly catalog: Catalog;
  readonly plan: AnswerPlan;
}

/** The plans of one session's answers; the same description of the same statement is planned once. */
export class AnswerPlans {
  readonly #reader: () => Reader;
  readonly #catalog: () => Catalog;
  readonly #known = new WeakMap<object, Known>();

  constructor(reader: () => Reader, catalog: () => Catalog) {
    this.#reader = reader;
    this.#catalog = catalog;
  }

  /** Every answer passes as it is: nothing has to be looked at. */
  get allVerbatim(): boolean {
    return this.#reader().isBlind;
  }

  /** The rows of one statement of a simple query; `fields` reads the description where it is not known. Undefined where it cannot be read. */
  ofQuery(command: RunningCommand | undefined, raw: Buffer, fields: () => readonly FieldDescription[] | undefined): Planned<AnswerPlan> | undefined {
    if (this.allVerbatim) return accepted('verbatim');
    const key = command?.meaning?.accesses;
    const known = key && this.#known.get(key);
    if (known && known.catalog === this.#catalog() && known.raw?.equals(raw)) return accepted(known.plan);
    const described = fields();
    if (!described) return undefined;
    const plan = this.#plan(described, command, undefined);
    if (plan.ok && key) this.#known.set(key, { raw: Buffer.from(raw), catalog: this.#catalog(), plan: plan.value });
    return plan;
  }

  /** The rows of a portal, by what was described before. */
  ofPortal(portal: Portal): Planned<AnswerPlan> {
    if (this.allVerbatim) return accepted('verbatim');
    const { described } = portal.statement;
    if (described === undefined || described === 'none') return { ok: false, refusal: NO_DESCRIPTION };
    const known = this.#known.get(portal);
    if (known && known.catalog === this.#catalog()) return accepted(known.plan);
    const plan = this.#plan(described, portal.command, portal);
    if (plan.ok) this.#known.set(portal, { raw: undefined, catalog: this.#catalog(), plan: plan.value });
    return plan;
  }

  ofCopy(response: CopyResponse, command: RunningCommand): Planned<'verbatim' | CopyMask> {
    return planCopyOut(response, command.meaning?.effects.copy, command.sensitivity, this.#reader(), this.#catalog());
  }

  /** Whose the rows of a query or a portal are, by what was described of them. */
  subjectsOf(command: RunningCommand | undefined, fields: () => readonly FieldDescription[] | undefined, portal?: Portal): Planned<SubjectCells> {
    if (!command?.sensitivity.subjects) return accepted([]);
    const described = fields();
    return described ? subjectCells(command.sensitivity, described, portal?.bind.resultFormats) : { ok: false, refusal: NO_DESCRIPTION };
  }

  subjectsOfCopy(response: CopyResponse, { meaning, sensitivity }: RunningCommand): Planned<CopySubjects | undefined> {
    return copySubjects(sensitivity, response, meaning?.effects.copy, this.#catalog());
  }

  #plan(fields: readonly FieldDescription[], command: RunningCommand | undefined, portal: Portal | undefined): Planned<AnswerPlan> {
    return command ? planAnswer(fields, portal?.bind.resultFormats, command.sensitivity, this.#reader(), this.#catalog()) : { ok: false, refusal: NO_COMMAND };
  }
}

const NO_COMMAND: PostgresRefusal = { reason: 'masking_disagreement', detail: 'An answer came that belongs to no known command; it is withheld.' };
const NO_DESCRIPTION: PostgresRefusal = { reason: 'masking_disagreement', detail: 'The columns of the answer are not known, so it cannot be masked and is withheld.' };
