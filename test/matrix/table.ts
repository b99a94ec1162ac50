import { FACTS, HISTORY_FACTS, VERBS, type Access, type Action, type Circumstances, type FactName, type FactSpec, type FactValue, type HistoryFacts, type ObjectRef, type Verb } from '@interlock/contracts';

/** One row of a table: who does what where, under which facts, and what must come of it. */
export interface Row {
  readonly line: number;
  readonly principal: string;
  readonly target: string;
  /** Accesses in `.actions` tables, SQL in `.statements` tables. */
  readonly what: string;
  readonly facts: string;
  readonly outcome: string;
  /** Rules that must be named as reasons, all of them, separated by blanks. */
  readonly reasons: readonly string[];
}

/** A table is text: one row per line, cells between `|`, `#` before remarks, blank lines for the reader. */
export function readTable(text: string): Row[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const cells = line.split(' | ').map((cell) => cell.trim());
    if (cells.length !== 6) throw new Error(`line ${index + 1} has ${cells.length} cells instead of 6: ${line}`);
    const [principal, target, what, facts, outcome, reasons] = cells as [string, string, string, string, string, string];
    return [{ line: index + 1, principal, target, what, facts, outcome, reasons: reasons.split(/\s+/) }];
  });
}

/** `delete table public.orders [id, total] + select table public.customers`, `begin target`. */
export function actionOf(row: Row): Action {
  const accesses = row.what.split(' + ').map((text) => accessOf(text, row));
  return {
    protocol: 'postgres', verb: accesses[0]!.verb, text: `-- ${row.what}`, parameters: [], accesses,
    facts: { ...usualFacts(), ...factsOf(row.facts.replace(HISTORY, '').replaceAll(CIRCUMSTANCE, '')) }, context: { database: row.target, search_path: 'public' },
  };
}

const HISTORY = /\b(own|other|preexisting|unclear)\b/;
const HISTORIES: Readonly<Record<string, HistoryFacts>> = {
  own: { ownCreation: true, preexisting: false }, other: { ownCreation: false, preexisting: false }, preexisting: { ownCreation: true, preexisting: true },
  unclear: { ownCreation: HISTORY_FACTS.ownCreation.absent, preexisting: HISTORY_FACTS.preexisting.absent },
};

/** `own`, `other`, `preexisting` or `unclear` among the facts: who made the objects, as far as history can tell. */
export function gatheredFor(row: Row, { accesses }: Action): readonly HistoryFacts[] | undefined {
  const said = HISTORY.exec(row.facts)?.[0];
  return said === undefined ? undefined : accesses.map(() => HISTORIES[said]!);
}

const CIRCUMSTANCE = /\b(at|did|recent\.(\w+))=(\S+)/g;

/** `at=2026-01-07T19:00:00Z`, `recent.denials=3`, `did=enter-or-pay:0` among the facts; a quiet Wednesday at noon without them. */
export function circumstancesFor(row: Row, wanted: Circumstances['recent']): Circumstances {
  const said = [...row.facts.matchAll(CIRCUMSTANCE)].map(([, name, measure, value]) => ({ name: name!, measure, value: value! }));
  const recent = wanted.map(({ measure, minutes }) => ({ measure, minutes, value: Number(said.find((one) => one.measure === measure)?.value ?? 0) }));
  const exercised = said.filter(({ name }) => name === 'did').map(({ value }) => {
    const [separation = '', side] = value.split(':');
    return { separation, side: side === '1' ? 1 as const : 0 as const, act: 'an act before', command: 'before' };
  });
  return { at: said.find(({ name }) => name === 'at')?.value ?? '2026-01-07T12:00:00Z', recent, exercised };
}

function accessOf(text: string, row: Row): Access {
  const match = /^(\S+) (\S+)(?: ([^\s[]+))?(?: \[(.*)\])?$/.exec(text.trim());
  const [, verb = '', kind = '', path, columns] = match ?? [];
  if (!(verb in VERBS)) throw new Error(`line ${row.line}: no verb in ${JSON.stringify(text)}`);
  return {
    verb, duty: VERBS[verb as Verb],
    object: { kind: kind as ObjectRef['kind'], path: [row.target, ...(path === undefined ? [] : path.split('.'))] },
    ...(columns !== undefined && { columnsRead: columns.split(',').map((column) => column.trim()) }),
  };
}

/** What an ordinary statement looks like; rows say where theirs differ. */
function usualFacts(): Record<string, FactValue> {
  return { hasWhere: true, tautology: false, statementCount: 1, writes: false, returnsRows: true, opaque: false, functions: [], volatileFunctions: [], dangerousFunctions: [], unknownFunctions: [], sensitiveCatalog: false, unsafeSetting: false };
}

/** `hasWhere=false functions=now,lower`. */
export function factsOf(text: string): Record<string, FactValue> {
  return Object.fromEntries(text.split(/\s+/).filter((fact) => fact !== '').map((fact) => {
    const [name = '', value = ''] = fact.split('=');
    const spec: FactSpec | undefined = FACTS[name as FactName];
    if (!spec) throw new Error(`there is no fact ${name}`);
    return [name, valueOf(spec, value)];
  }));
}

function valueOf(spec: FactSpec, text: string): FactValue {
  switch (spec.type) {
    case 'boolean': return text === 'true';
    case 'number': return Number(text);
    case 'text': return text;
    case 'set': return text === '' ? [] : text.split(',');
  }
}
