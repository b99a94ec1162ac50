import { as, strings, tagOf, type Content, type Node, type Tag } from '../parser/tree.js';

/** How sure PostgreSQL is of a name: a type's name yields to a better one, an operator gives none. */
type Strength = 0 | 1 | 2;
type Guess = readonly [name: string, strength: Strength];

const NONE: Guess = ['?column?', 0];

const FIXED: { readonly [T in Tag]?: string } = {
  A_ArrayExpr: 'array', RowExpr: 'row', CoalesceExpr: 'coalesce', GroupingFunc: 'grouping', XmlSerialize: 'xmlserialize',
  MergeSupportFunc: 'merge_action', JsonParseExpr: 'json', JsonScalarExpr: 'json_scalar', JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object', JsonArrayConstructor: 'json_array', JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg', JsonArrayAgg: 'json_arrayagg',
};
const VALUE_FUNCTIONS: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: 'current_date', SVFOP_CURRENT_TIME: 'current_time', SVFOP_CURRENT_TIME_N: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp', SVFOP_CURRENT_TIMESTAMP_N: 'current_timestamp', SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIME_N: 'localtime', SVFOP_LOCALTIMESTAMP: 'localtimestamp', SVFOP_LOCALTIMESTAMP_N: 'localtimestamp',
  SVFOP_CURRENT_ROLE: 'current_role', SVFOP_CURRENT_USER: 'current_user', SVFOP_USER: 'user', SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_catalog', SVFOP_CURRENT_SCHEMA: 'current_schema',
};

/** The name that PostgreSQL gives an output column without AS. Source: FigureColname in PostgreSQL's parse_target.c. */
export function outputName(node: Node): string {
  return guess(node)[0];
}

function guess(node: Node): Guess {
  const fixed = FIXED[tagOf(node)];
  if (fixed !== undefined) return [fixed, 2];
  const column = as(node, 'ColumnRef');
  if (column !== undefined) return lastName(column.fields);
  const call = as(node, 'FuncCall');
  if (call !== undefined) return lastName(call.funcname);
  const indirection = as(node, 'A_Indirection');
  if (indirection !== undefined) return memberName(indirection);
  const cast = as(node, 'TypeCast');
  if (cast !== undefined) return castName(cast);
  const collated = as(node, 'CollateClause');
  if (collated?.arg !== undefined) return guess(collated.arg);
  return rarer(node);
}

function lastName(parts: readonly Node[] | undefined): Guess {
  const name = strings(parts).filter((part) => part !== '').pop();
  return name === undefined ? NONE : [name, 2];
}

function memberName(node: Content<'A_Indirection'>): Guess {
  const member = lastName(node.indirection);
  return member[1] === 2 || node.arg === undefined ? member : guess(node.arg);
}

function castName(node: Content<'TypeCast'>): Guess {
  const inner = node.arg === undefined ? NONE : guess(node.arg);
  const type = strings(node.typeName?.names).pop();
  return inner[1] > 1 || type === undefined ? inner : [type, 1];
}

function rarer(node: Node): Guess {
  const subLink = as(node, 'SubLink');
  if (subLink !== undefined) return subLinkName(subLink);
  const choice = as(node, 'CaseExpr');
  if (choice !== undefined) return caseName(choice);
  if (as(node, 'A_Expr')?.kind === 'AEXPR_NULLIF') return ['nullif', 2];
  const extreme = as(node, 'MinMaxExpr');
  if (extreme !== undefined) return [extreme.op === 'IS_LEAST' ? 'least' : 'greatest', 2];
  const fixed = VALUE_FUNCTIONS[as(node, 'SQLValueFunction')?.op ?? ''];
  if (fixed !== undefined) return [fixed, 2];
  const xml = as(node, 'XmlExpr');
  if (xml !== undefined) return xml.op === 'IS_DOCUMENT' ? NONE : [(xml.op ?? '').replace('IS_', '').toLowerCase(), 2];
  const json = as(node, 'JsonFuncExpr');
  return json === undefined ? NONE : [(json.op ?? '').replace('_OP', '').toLowerCase(), 2];
}

function subLinkName(node: Content<'SubLink'>): Guess {
  if (node.subLinkType === 'EXISTS_SUBLINK') return ['exists', 2];
  if (node.subLinkType === 'ARRAY_SUBLINK') return ['array', 2];
  if (node.subLinkType !== 'EXPR_SUBLINK') return NONE;
  let select = as(node.subselect, 'SelectStmt');
  while (select?.larg !== undefined) select = select.larg;
  const target = as(select?.targetList?.[0], 'ResTarget');
  if (target?.name !== undefined) return [target.name, 2];
  return target?.val === undefined ? NONE : guess(target.val);
}

function caseName(node: Content<'CaseExpr'>): Guess {
  const otherwise = node.defresult === undefined ? NONE : guess(node.defresult);
  return otherwise[1] > 1 ? otherwise : ['case', 1];
}
