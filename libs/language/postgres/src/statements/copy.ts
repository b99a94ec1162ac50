import { itemOf, relationEntry } from '../analysis/relations.js';
import { EMPTY_SCOPE, innerScope, read } from '../analysis/scope.js';
import { CONSTANT, type Field } from '../analysis/value.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import { access, NO_EFFECTS, type CopyEffect, type Meaning, type Readers, type Reading } from './meaning.js';

/** COPY in all its forms. */
export const COPY_READERS: Readers = { CopyStmt: copy };

function copy(reading: Reading, node: Content<'CopyStmt'>): Meaning {
  const { a } = reading;
  const direction = node.is_from === true ? 'in' : 'out';
  const columns = node.query !== undefined ? a.query(node.query, EMPTY_SCOPE).columns : relationColumns(reading, node);
  if (node.is_program === true) access(reading, 'program', 'other', ['program']);
  else if (node.filename !== undefined) access(reading, 'file', 'other', ['file']);
  const place = [...a.notes.uses.values()][0];
  const options = optionsOf(node.options ?? []);
  const effect: CopyEffect = {
    direction, options, format: options['format'] ?? 'text', columns: columns.map((column) => column.name),
    table: node.relation === undefined || place === undefined ? undefined : { schema: place.schema, name: place.name },
  };
  const throughConnection = node.filename === undefined && node.is_program !== true;
  return {
    verb: 'copy',
    effects: throughConnection ? { ...NO_EFFECTS, copy: effect } : NO_EFFECTS,
    ...(direction === 'out' ? { columns } : { ownRowChanges: 0 }),
    facts: { copyDirection: direction, copyServerSide: !throughConnection },
  };
}

function relationColumns(reading: Reading, node: Content<'CopyStmt'>): Field[] {
  const { a } = reading;
  if (node.relation === undefined) return [];
  const incoming = node.is_from === true;
  const { use, table } = relationEntry(a, node.relation, incoming ? 'insert' : 'select');
  const names = node.attlist === undefined ? table.columns.map((column) => column.name) : strings(node.attlist);
  if (table.unknown !== undefined && node.attlist === undefined) use[incoming ? 'columnsWritten' : 'columnsRead'].add('*');
  if (node.whereClause !== undefined) a.notes.shape(a.expression(node.whereClause, innerScope(EMPTY_SCOPE, itemOf(table))), 'WHERE');
  return names.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (incoming) {
      use.columnsWritten.add(name);
      a.notes.carries.push({ into: use.relation?.columns.find((candidate) => candidate.name === name), value: CONSTANT });
    }
    if (column === undefined && !incoming) use.columnsRead.add(name);
    return { name, value: column === undefined || incoming ? CONSTANT : read(a.notes, column) };
  });
}

function optionsOf(nodes: readonly Node[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (const node of nodes) {
    const option = as(node, 'DefElem');
    if (option?.defname !== undefined) options[option.defname] = valueText(option.arg);
  }
  return options;
}

/** An option's value as text; lists joined by commas, none as `true`. */
export function valueText(node: Node | undefined): string {
  if (node === undefined) return 'true';
  const [list, text, whole, fraction, flag] = [as(node, 'List'), as(node, 'String'), as(node, 'Integer'), as(node, 'Float'), as(node, 'Boolean')];
  if (list !== undefined) return (list.items ?? []).map(valueText).join(',');
  if (flag !== undefined) return String(flag.boolval === true);
  if (whole !== undefined) return String(whole.ival ?? 0);
  return text?.sval ?? fraction?.fval ?? strings(as(node, 'TypeName')?.names).pop() ?? '*';
}
