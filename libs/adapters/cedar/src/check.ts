import { validate } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFile } from '@interlock/contracts';
import { CEDAR_LIMITS } from './limits.js';
import { schemaFor } from './model.js';
import type { PolicyProblem } from './problem.js';
import { problemOf, readPolicies, type ReadPolicies } from './read.js';
import type { Rule } from './rule.js';

const SCHEMA = schemaFor('all');

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
  const answer = validate({ schema: SCHEMA, policies: { staticPolicies: Object.fromEntries(rules.map((rule) => [rule.id, rule.text])) } });
  if (answer.type === 'failure') throw new Error(`the rules were parsed and then refused: ${answer.errors.map((error) => error.message).join('; ')}`);
  const faulty = new Set(answer.validationErrors.map((error) => error.policyId));
  // A rule that can never apply is a mistake too; behind an error in the same rule the warning says nothing new.
  const doubts = answer.validationWarnings.filter(({ policyId, error }) => !faulty.has(policyId) && !/applicable action/.test(error.message));
  return [...answer.validationErrors, ...doubts].map(({ policyId, error }) => {
    const rule = rules.find((candidate) => candidate.id === policyId)!;
    return problemOf(files.find((file) => file.file === rule.file)!, rule.byteOffset, error);
  });
}

function inOrder(files: readonly PolicyFile[], problems: readonly PolicyProblem[]): PolicyProblem[] {
  const order = new Map(files.map((file, index) => [file.file, index]));
  return problems.toSorted((a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line || a.column - b.column);
}
