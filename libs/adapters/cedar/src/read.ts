import { policySetTextToParts, policyToJson, type DetailedError, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { VERBS, type PolicyFile } from '@interlock/contracts';
import { readAnnotations, type Annotations } from './annotations.js';
import { CEDAR_LIMITS } from './limits.js';
import { NESTING_MAX, nestingOf } from './nesting.js';
import { placeOf, type PolicyProblem } from './problem.js';
import type { Rule } from './rule.js';
import { splitRules, type RuleText } from './split.js';
import { readsAction } from './usage.js';

const VERB_COUNT = Object.keys(VERBS).length;

export interface ReadPolicies {
  readonly rules: readonly Rule[];
  readonly problems: readonly PolicyProblem[];
}

/** Parses every file; every problem of form and of annotations at once. The rules are whole only when there is no problem. */
export function readPolicies(files: readonly PolicyFile[]): ReadPolicies {
  const rules: Rule[] = [];
  const problems: PolicyProblem[] = [];
  for (const file of files) readFile(file, rules, problems);
  problems.push(...duplicates(rules));
  if (rules.length > CEDAR_LIMITS.rules) problems.push(tooMany(rules[CEDAR_LIMITS.rules]!));
  problems.push(...tooMuch(rules));
  return { rules, problems };
}

/** Conditions whose types would take long to check; told where the rules grow too large together. */
function tooMuch(rules: readonly Rule[]): PolicyProblem[] {
  let all = 0;
  for (const { file, line, column, json } of rules) {
    const parts = partsOf(json.conditions);
    all += parts * (readsAction(json.conditions) ? VERB_COUNT : 1);
    if (parts > CEDAR_LIMITS.ruleParts) return [{ file, line, column, detail: `the rule has ${parts} parts`, expected: `at most ${CEDAR_LIMITS.ruleParts} operators, members, values and elements of sets; split it, or say more of it with roles, labels and schemas` }];
    if (all > CEDAR_LIMITS.checkedParts) return [{ file, line, column, detail: 'the rules up to here have too many parts', expected: `at most ${CEDAR_LIMITS.checkedParts} operators, members, values and elements of sets in all rules together, where those of a rule whose conditions ask for the action count ${VERB_COUNT} times: name the action in its head` }];
  }
  return [];
}

function partsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const within = Object.values(value).reduce((sum: number, one) => sum + partsOf(one), 0);
  return Array.isArray(value) ? within : within + 1;
}

function readFile(file: PolicyFile, rules: Rule[], problems: PolicyProblem[]): void {
  if (!file.text.isWellFormed() || Buffer.byteLength(file.text) > CEDAR_LIMITS.fileBytes) {
    problems.push({ file: file.file, line: 1, column: 1, detail: 'the file is too long or not Unicode text', expected: `at most ${CEDAR_LIMITS.fileBytes} bytes of UTF-8` });
    return;
  }
  const texts = splitRules(file.text);
  const before = problems.length;
  for (const text of texts) readRule(file, text, rules, problems);
  if (problems.length === before) problems.push(...miscounted(file, texts.length));
}

function readRule(file: PolicyFile, { text, byteOffset }: RuleText, rules: Rule[], problems: PolicyProblem[]): void {
  const place = placeOf(file.text, byteOffset);
  if (Buffer.byteLength(text) > CEDAR_LIMITS.ruleBytes) {
    problems.push({ file: file.file, ...place, detail: 'the rule is too long', expected: `at most ${CEDAR_LIMITS.ruleBytes} bytes; split it` });
    return;
  }
  if (nestingOf(text) > NESTING_MAX) {
    problems.push({ file: file.file, ...place, detail: 'the rule is nested too deeply', expected: 'fewer brackets, branches and members inside each other; split it' });
    return;
  }
  const answer = policyToJson(text);
  if (answer.type === 'failure') {
    problems.push(...answer.errors.map((error) => problemOf(file, byteOffset, error)));
    return;
  }
  const { effect } = answer.json;
  const { annotations, problems: found } = readAnnotations(effect, annotationsOf(answer.json));
  problems.push(...found.map(({ annotation, detail, expected }) => ({
    file: file.file, ...placeOf(file.text, byteOffset + offsetOfAnnotation(text, annotation)), detail, ...(expected && { expected }),
  })));
  rules.push({ ...place, file: file.file, byteOffset, text, effect, json: answer.json, ...spoken(annotations) });
}

function spoken({ id, reason, hint, lift }: Annotations): Pick<Rule, 'id' | 'message' | 'hint' | 'lift'> {
  return { id, message: reason ?? `Rule ${id} applies.`, ...(hint && { hint }), ...(lift && { lift }) };
}

function annotationsOf(json: PolicyJson): Readonly<Record<string, string | null>> {
  return json.annotations instanceof Map ? Object.fromEntries(json.annotations) : (json.annotations ?? {});
}

function offsetOfAnnotation(text: string, annotation: string): number {
  const index = text.search(new RegExp(`@\\s*${annotation}\\b`));
  return index < 0 ? 0 : Buffer.byteLength(text.slice(0, index));
}

/** A complaint of Cedar's in our words: its label says what was expected, its help what was perhaps meant. */
export function problemOf(file: PolicyFile, byteOffset: number, error: DetailedError): PolicyProblem {
  const location = error.sourceLocations?.[0];
  const expected = location?.label?.replace(/^expected /, '');
  const message = error.message.replace(/^failed to parse polic(y|ies) from string: /, '').replace(/^for policy `[^`]*`, /, '');
  return {
    file: file.file,
    ...placeOf(file.text, byteOffset + (location?.start ?? 0)),
    detail: error.help ? `${message} (${error.help.replace(/^for policy `[^`]*`, /, '')})` : message,
    ...(expected && { expected }),
  };
}

function duplicates(rules: readonly Rule[]): PolicyProblem[] {
  const first = new Map<string, Rule>();
  return rules.flatMap((rule) => {
    const other = first.get(rule.id);
    if (!other) first.set(rule.id, rule);
    return other && rule.id
      ? [{ file: rule.file, line: rule.line, column: rule.column, detail: `the id ${rule.id} is taken by the rule at ${other.file}:${other.line}`, expected: 'an id that no other rule has' }]
      : [];
  });
}

function miscounted(file: PolicyFile, count: number): PolicyProblem[] {
  const whole = policySetTextToParts(file.text);
  if (whole.type === 'success' && whole.policies.length === count && whole.policy_templates.length === 0) return [];
  return [{ file: file.file, line: 1, column: 1, detail: 'the file cannot be cut into its rules', expected: 'plain Cedar rules, each ended by a semicolon' }];
}

function tooMany(rule: Rule): PolicyProblem {
  return { file: rule.file, line: rule.line, column: rule.column, detail: `this is rule ${CEDAR_LIMITS.rules + 1}`, expected: `at most ${CEDAR_LIMITS.rules} rules in one bundle` };
}
