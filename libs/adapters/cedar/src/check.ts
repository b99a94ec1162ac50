import { validate, type SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { Duty, VERBS, type PolicyFile, type Verb } from '@interlock/contracts';
import { CEDAR_LIMITS } from './limits.js';
import { schemaFor } from './model.js';
import type { PolicyProblem } from './problem.js';
import { problemOf, readPolicies, type ReadPolicies } from './read.js';
import type { Rule } from './rule.js';
import { concerns } from './slices.js';
import { readsAction } from './usage.js';

const VERB_NAMES = Object.keys(VERBS) as Verb[];
const schemas = new Map<string, SchemaJson<string>>();

/**
 * Reads every file and checks every rule against the action model: names, types, and that it can ever apply. Every problem
 * at once, in the order of the files.
 */
export function checkPolicies(files: readonly PolicyFile[]): ReadPolicies {
  const read = readPolicies(files);
  const problems = read.problems.length > 0 ? read.problems : typeProblems(files, read.rules);
  return { rules: read.rules, problems: inOrder(files, problems).slice(0, CEDAR_LIMITS.problems) };
}

function typeProblems(files: readonly PolicyFile[], rules: readonly Rule[]): PolicyProblem[] {
  const groups = new Map<Verb | 'all', Rule[]>();
  for (const rule of rules) {
    const verb = verbToCheck(rule) ?? 'all';
    const group = groups.get(verb);
    if (group) group.push(rule);
    else groups.set(verb, [rule]);
  }
  return [...groups].flatMap(([verb, group]) => typeProblemsUnder(verb, files, group));
}

/**
 * All verbs have one context: a rule that does not ask which action it is has the same types under each verb that its head
 * lets in, so one stands for all. Undefined for a rule that asks: it is checked under every verb, at fifty times the cost.
 */
function verbToCheck(rule: Rule): Verb | undefined {
  return readsAction(rule.json.conditions) ? undefined : (VERB_NAMES.find((verb) => concerns(rule, verb)) ?? VERB_NAMES[0]);
}

function typeProblemsUnder(verb: Verb | 'all', files: readonly PolicyFile[], rules: readonly Rule[]): PolicyProblem[] {
  const schema = schemas.get(verb) ?? schemaFor('all', verb === 'all' ? VERB_NAMES : [verb]);
  schemas.set(verb, schema);
  const answer = validate({ schema, policies: { staticPolicies: Object.fromEntries(rules.map((rule) => [rule.id, rule.text])) } });
  if (answer.type === 'failure') throw new Error(`the rules were parsed and then refused: ${answer.errors.map((error) => error.message).join('; ')}`);
  const faulty = new Set(answer.validationErrors.map((error) => error.policyId));
  // A rule that can never apply is a mistake too; behind an error in the same rule the warning says nothing new.
  const doubts = answer.validationWarnings.filter(({ policyId, error }) => !faulty.has(policyId) && !/applicable action/.test(error.message));
  return [...answer.validationErrors, ...doubts].map(({ policyId, error }) => {
    const rule = rules.find((candidate) => candidate.id === policyId)!;
    return dutyTakenForVerb(rule) ?? problemOf(files.find((file) => file.file === rule.file)!, rule.byteOffset, error);
  });
}

/** Cedar says of `action == Action::"modify"` only that it can never apply: a duty stands for its verbs, and no command is of the duty itself. */
function dutyTakenForVerb({ file, line, column, json: { action } }: Rule): PolicyProblem | undefined {
  if (action.op !== '==' || !('entity' in action)) return undefined;
  const id = '__entity' in action.entity ? action.entity.__entity.id : action.entity.id;
  const duty = Duty.options.find((one) => one === id && !(one in VERBS));
  if (!duty) return undefined;
  const verbs = Object.entries(VERBS).filter(([, of]) => of === duty).map(([verb]) => verb);
  return {
    file, line, column, detail: `no command is ever Action::"${duty}" itself: ${verbs.length > 0 ? `it is the duty of the verbs ${verbs.join(', ')}` : 'no verb has this duty'}`,
    expected: verbs.length > 0 ? `\`action in Action::"${duty}"\`` : 'another action: what Interlock itself is asked for is governed by `administration` and by the annotations of a forbid',
  };
}

function inOrder(files: readonly PolicyFile[], problems: readonly PolicyProblem[]): PolicyProblem[] {
  const order = new Map(files.map((file, index) => [file.file, index]));
  return problems.toSorted((a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line || a.column - b.column);
}
