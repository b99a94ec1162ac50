import type { CatalogFunction, OutColumn } from '../catalog/model.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import { quotedName } from '../quoted.js';
import { valueText } from '../statements/copy.js';
import type { SchemaModel } from './model.js';
import { typeOid } from './types.js';

type Parameter = Content<'FunctionParameter'>;

const OUTPUTS = new Set<Parameter['mode']>(['FUNC_PARAM_OUT', 'FUNC_PARAM_INOUT', 'FUNC_PARAM_TABLE']);
const VOLATILITIES = new Set(['immutable', 'stable', 'volatile']);

/** CREATE FUNCTION or PROCEDURE. `text` is the whole statement: a body that is not a string is cut out of it. */
export function createFunction(model: SchemaModel, node: Content<'CreateFunctionStmt'>, text: string): void {
  const parameters = (node.parameters ?? []).map((item) => as(item, 'FunctionParameter')).filter((parameter) => parameter !== undefined);
  const inputs = parameters.filter(({ mode }) => mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE');
  const options = new Map((node.options ?? []).map((item) => as(item, 'DefElem')).map((option) => [option?.defname ?? '', option?.arg]));
  const outputs = parameters.filter(({ mode }) => OUTPUTS.has(mode));
  const volatility = wordOf(options.get('volatility')) ?? 'volatile';
  const atomic = node.sql_body === undefined ? undefined : bodyIn(text);
  const fn: CatalogFunction = {
    oid: model.oid(), ...model.placeFor(strings(node.funcname)), kind: node.is_procedure === true ? 'procedure' : 'function',
    argumentTypes: inputs.map(({ argType }) => typeOid(model, argType)), argumentNames: inputs.map(({ name }) => name ?? ''),
    defaults: inputs.filter(({ defexpr }) => defexpr !== undefined).length, variadic: inputs.some(({ mode }) => mode === 'FUNC_PARAM_VARIADIC'),
    returnType: returnType(model, node, outputs), returnsSet: node.returnType?.setof === true || parameters.some(({ mode }) => mode === 'FUNC_PARAM_TABLE'),
    outColumns: outputs.length > 1 || outputs.some(({ mode }) => mode === 'FUNC_PARAM_TABLE') ? outputs.map((output) => outColumn(model, output)) : [],
    volatility: VOLATILITIES.has(volatility) ? volatility as CatalogFunction['volatility'] : 'volatile',
    language: (wordOf(options.get('language')) ?? 'sql').toLowerCase(), securityDefiner: false,
    body: atomic ?? strings(as(options.get('as'), 'List')?.items)[0],
    // A body that is no string is bound when the function is made.
    searchPath: atomic === undefined ? pathOption(node.options ?? []) : model.searchPath.map(quotedName).join(', '),
  };
  const before = model.functions.find(fn.schema, fn.name, (one) => String(one.argumentTypes) === String(fn.argumentTypes));
  if (before !== undefined) model.functions.remove((one) => one === before);
  model.functions.add(fn);
}

/** CREATE AGGREGATE, and CREATE OPERATOR with the function that it runs. */
export function defineObject(model: SchemaModel, node: Content<'DefineStmt'>): void {
  const place = model.placeFor(strings(node.defnames));
  if (node.kind === 'OBJECT_AGGREGATE') {
    model.functions.add({
      oid: model.oid(), ...place, kind: 'aggregate', argumentTypes: [], argumentNames: [], defaults: 0, variadic: true, returnType: 0, returnsSet: false,
      outColumns: [], volatility: 'immutable', language: 'internal', securityDefiner: false, body: undefined, searchPath: undefined,
    });
  }
  if (node.kind !== 'OBJECT_OPERATOR') return;
  const run = (node.definition ?? []).map((item) => as(item, 'DefElem')).find((option) => ['function', 'procedure'].includes(option?.defname ?? ''));
  const [functionName = '', functionSchema] = strings(as(run?.arg, 'TypeName')?.names).reverse();
  const found = model.catalog.functions(functionName, functionSchema ?? model.path)[0];
  model.operators.add({ ...place, functionSchema: functionSchema ?? found?.schema ?? 'public', functionName });
}

function outColumn(model: SchemaModel, { name, argType }: Parameter): OutColumn {
  return { name: name ?? '', typeOid: typeOid(model, argType) };
}

function returnType(model: SchemaModel, node: Content<'CreateFunctionStmt'>, outputs: readonly Parameter[]): number {
  const [only, ...others] = outputs;
  if (only !== undefined && others.length === 0 && node.returnType === undefined) return typeOid(model, only.argType);
  return outputs.length > 0 && node.returnType === undefined ? model.catalog.typeByName('record', 'pg_catalog')?.oid ?? 0 : typeOid(model, node.returnType);
}

function wordOf(node: Node | undefined): string | undefined {
  return as(node, 'String')?.sval;
}

/** `SET search_path …` among a function's options. */
function pathOption(options: readonly Node[]): string | undefined {
  const sets = options.map((item) => as(item, 'DefElem')).map((option) => as(option?.arg, 'VariableSetStmt')).find((set) => set?.name === 'search_path');
  return sets?.args?.map((argument) => `"${as(argument, 'A_Const')?.sval?.sval ?? valueText(argument)}"`).join(', ');
}

/** `RETURN …` or `BEGIN ATOMIC … END`, which is always the last part. */
function bodyIn(text: string): string | undefined {
  return /\bbegin\s+atomic\b[\s\S]*$/i.exec(text)?.[0].trim() ?? /\breturn\s[\s\S]*$/i.exec(text)?.[0].trim();
}
