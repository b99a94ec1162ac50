import { accepted, refused, type Outcome } from '@interlock/kernel';

/** What the target expects of a statement, and how it would go about it. */
export interface ReadPlan {
  /** Rows that it expects to be changed; of a statement that changes none, to be returned. */
  readonly rows: number;
  /** A line a step, indented by its depth; no condition, so no value of the statement. */
  readonly lines: readonly string[];
}

const LINES_MAX = 40;
const LINE_CHARACTERS = 200;
const ROWS_MAX = Number.MAX_SAFE_INTEGER;

/** One step as EXPLAIN (FORMAT JSON) tells it. */
interface Step {
  readonly 'Node Type'?: unknown;
  readonly Operation?: unknown;
  readonly 'Relation Name'?: unknown;
  readonly 'Index Name'?: unknown;
  readonly 'Plan Rows'?: unknown;
  readonly Plans?: unknown;
}

/** The query that asks for the plan of a statement, which is not run. */
export function explainText(statement: string): string {
  return `EXPLAIN (FORMAT JSON, VERBOSE false, COSTS true) ${statement}`;
}

/** Reads the answer to {@link explainText}. Refused with `plan_unreadable` where it is none. */
export function readPlan(answer: string): Outcome<ReadPlan> {
  const root = rootOf(answer);
  if (!root) return refused('plan_unreadable', 'the target gave no plan that can be read');
  const lines: string[] = [];
  tell(root, 0, lines);
  return accepted({ rows: rowsOf(root), lines });
}

function rootOf(answer: string): Step | undefined {
  try {
    const [first] = JSON.parse(answer) as { Plan?: unknown }[];
    return typeof first?.Plan === 'object' && first.Plan !== null ? first.Plan : undefined;
  } catch {
    return undefined;
  }
}

/** What changes rows returns none: those of its steps are what it changes. */
function rowsOf(step: Step): number {
  if (step['Node Type'] !== 'ModifyTable') return Math.max(0, Math.min(ROWS_MAX, Math.round(Number(step['Plan Rows'])) || 0));
  return Math.min(ROWS_MAX, mainStepsOf(step).reduce((sum, child) => sum + rowsOf(child), 0));
}

function mainStepsOf(step: Step): Step[] {
  return stepsOf(step).filter((child) => !('Subplan Name' in child));
}

function stepsOf({ Plans: steps }: Step): Step[] {
  return Array.isArray(steps) ? steps.filter((step): step is Step => typeof step === 'object' && step !== null) : [];
}

function tell(step: Step, depth: number, lines: string[]): void {
  if (lines.length === LINES_MAX) return void (lines[LINES_MAX - 1] = '...');
  if (lines.length > LINES_MAX) return;
  const { 'Node Type': type, Operation: operation, 'Relation Name': relation, 'Index Name': index } = step;
  const what = [type === 'ModifyTable' ? operation : type, ...(index === undefined ? [] : ['using', index]), ...(relation === undefined ? [] : ['on', relation])].map(String).join(' ');
  const rows = type === 'ModifyTable' ? '' : ` (${rowsOf(step)} rows)`;
  lines.push(`${'  '.repeat(Math.min(depth, LINES_MAX))}${what}${rows}`.slice(0, LINE_CHARACTERS));
  for (const child of stepsOf(step)) tell(child, depth + 1, lines);
}
