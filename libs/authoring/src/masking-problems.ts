import { refused, type Outcome } from '@interlock/kernel';
import { Configuration, ContentKind, NOTHING_TO_HIDE, type MaskingRule } from '@interlock/contracts';
import type { PolicyProblem } from '@interlock/adapter-cedar';
import { compileRecognizer, RECOGNIZER_STEPS_MAX, RECOGNIZERS_STEPS_MAX } from '@interlock/language-content';
import type { LocatedYaml } from './located-yaml.js';
import { problemIn } from './read-configuration.js';

/** Something wrong in the masking section, by its path in the configuration. */
export interface MaskingProblem {
  /** E.g. `masking.columns.0.target`. */
  readonly path: string;
  readonly detail: string;
}

/** Names of the masking section that lead nowhere, and rules that say something about the same thing twice. */
export function maskingProblems(configuration: unknown): MaskingProblem[] {
  const parsed = Configuration.safeParse(configuration);
  if (!parsed.success) return parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), detail: issue.message }));
  return [...columnProblems(parsed.data), ...contentProblems(parsed.data), ...recognizerProblems(parsed.data), ...tagProblems(parsed.data), ...classificationProblems(parsed.data), ...purposeProblems(parsed.data), ...detokeniseProblems(parsed.data)];
}

/** The same with the places of what they are about in `interlock.yaml`. */
export function maskingProblemsAt(yaml: LocatedYaml, problems: readonly MaskingProblem[]): PolicyProblem[] {
  return problems.map(({ path, detail }) => problemIn(yaml, path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)), { detail }));
}

function columnProblems(configuration: Configuration): MaskingProblem[] {
  const { columns } = configuration.masking;
  return columns.flatMap((rule, index) => {
    const at = `masking.columns.${index}`;
    const earlier = columns.slice(0, index);
    const twin = earlier.find((other) => saysTheSame(other, rule));
    return [
      ...(earlier.some((other) => other.id === rule.id) ? [{ path: `${at}.id`, detail: `there is another masking rule ${rule.id} above` }] : []),
      ...(twin ? [{ path: `${at}.${whatOf(rule).by}`, detail: `rule ${twin.id} says the same of ${whatOf(rule).named} already` }] : []),
      ...(rule.target === undefined ? [] : targetProblem(`${at}.target`, rule.target, configuration)),
      ...markProblems(at, rule, configuration),
      ...rule.except.flatMap((role, position) => roleProblem(`${at}.except.${position}`, role, configuration)),
      ...(rule.exceptFor ?? []).flatMap((purpose, position) => knownProblem(`${at}.exceptFor.${position}`, 'purpose', purpose, (configuration.masking.purposes ?? []).map(({ name }) => name))),
    ];
  });
}

/** Several rules may name one column, for different readers; the strongest that applies wins. */
function saysTheSame(one: MaskingRule, other: MaskingRule): boolean {
  return one.target === other.target && whatOf(one).named === whatOf(other).named && whatOf(one).by === whatOf(other).by && one.transform === other.transform && isSameSet(one.except, other.except) && isSameSet(one.exceptFor, other.exceptFor);
}

function isSameSet(one: readonly string[] = [], other: readonly string[] = []): boolean {
  return one.toSorted().join() === other.toSorted().join();
}

/** What a rule masks, and in which of the three ways it says so. */
function whatOf({ column, tag, classification }: MaskingRule): { readonly by: 'column' | 'tag' | 'classification'; readonly named: string } {
  if (column !== undefined) return { by: 'column', named: column };
  return tag !== undefined ? { by: 'tag', named: tag } : { by: 'classification', named: classification ?? '' };
}

/** A rule for a tag that no column has would hide nothing, and nobody would see that. */
function markProblems(at: string, { tag, classification }: MaskingRule, { masking: { tags = [], classifications = [] } }: Configuration): MaskingProblem[] {
  if (tag === NOTHING_TO_HIDE) return [{ path: `${at}.tag`, detail: `${NOTHING_TO_HIDE} is the tag of columns that hold nothing to hide` }];
  return [
    ...(tag === undefined ? [] : knownProblem(`${at}.tag`, 'column with tag', tag, tags.map((one) => one.tag))),
    ...(classification === undefined ? [] : knownProblem(`${at}.classification`, 'classification', classification, classifications.map(({ name }) => name))),
  ];
}

function tagProblems(configuration: Configuration): MaskingProblem[] {
  const { tags = [] } = configuration.masking;
  const seen = new Map<string, string[]>();
  return tags.flatMap(({ target, column, tag, by }, index) => {
    const at = `masking.tags.${index}`;
    const key = JSON.stringify([target, column]);
    const others = seen.get(key) ?? [];
    seen.set(key, [...others, tag]);
    return [
      ...targetProblem(`${at}.target`, target, configuration),
      ...(others.includes(tag) ? [{ path: `${at}.tag`, detail: `${column} has tag ${tag} already` }] : []),
      ...(others.length > 0 && [...others, tag].includes(NOTHING_TO_HIDE) && !others.includes(tag) ? [{ path: `${at}.tag`, detail: `${column} cannot have tag ${NOTHING_TO_HIDE} beside another` }] : []),
      ...(by === undefined ? [] : knownProblem(`${at}.by`, 'principal', by, configuration.principals.map(({ name }) => name))),
    ];
  });
}

function classificationProblems({ masking: { tags = [], classifications = [] } }: Configuration): MaskingProblem[] {
  return classifications.flatMap((one, index) => {
    const at = `masking.classifications.${index}`;
    return [
      ...(classifications.slice(0, index).some(({ name }) => name === one.name) ? [{ path: `${at}.name`, detail: `there is another classification ${one.name} above` }] : []),
      ...(one.tags.some((tag) => tags.some((other) => other.tag === tag)) ? [] : [{ path: `${at}.tags`, detail: `no column has a tag of classification ${one.name}` }]),
      ...one.tags.flatMap((tag, position) => (tag === NOTHING_TO_HIDE ? [{ path: `${at}.tags.${position}`, detail: `${NOTHING_TO_HIDE} is the tag of columns that hold nothing to hide` }] : [])),
    ];
  });
}

function purposeProblems(configuration: Configuration): MaskingProblem[] {
  const { purposes = [] } = configuration.masking;
  return purposes.flatMap(({ name, roles }, index) => [
    ...(purposes.slice(0, index).some((other) => other.name === name) ? [{ path: `masking.purposes.${index}.name`, detail: `there is another purpose ${name} above` }] : []),
    ...roles.flatMap((role, position) => roleProblem(`masking.purposes.${index}.roles.${position}`, role, configuration)),
  ]);
}

/** Who may be told is said of kinds that have tokens, once of each. */
function detokeniseProblems(configuration: Configuration): MaskingProblem[] {
  const { columns, detokenise = [] } = configuration.masking;
  const kinds = columns.flatMap(({ transform, kind }) => (transform === 'token' && kind !== undefined ? [kind] : []));
  return detokenise.flatMap(({ kind, roles }, index) => [
    ...(detokenise.slice(0, index).some((other) => other.kind === kind) ? [{ path: `masking.detokenise.${index}.kind`, detail: `there is another entry for kind ${kind} above` }] : []),
    ...knownProblem(`masking.detokenise.${index}.kind`, 'rule with tokens of kind', kind, kinds),
    ...roles.flatMap((role, position) => roleProblem(`masking.detokenise.${index}.roles.${position}`, role, configuration)),
  ]);
}

function knownProblem(path: string, what: string, name: string, known: readonly string[]): MaskingProblem[] {
  return known.includes(name) ? [] : [{ path, detail: `there is no ${what} ${name}${known.length === 0 ? '' : `; there are ${[...new Set(known)].slice(0, 20).join(', ')}`}` }];
}

function contentProblems(configuration: Configuration): MaskingProblem[] {
  const { content, recognizers = [] } = configuration.masking;
  return content.flatMap((rule, index) => {
    const at = `masking.content.${index}`;
    const twice = content.slice(0, index).some((other) => other.target === rule.target);
    const repeated = rule.kinds.findIndex((kind, position) => rule.kinds.indexOf(kind) < position);
    return [
      ...(twice ? [{ path: `${at}.target`, detail: `content at ${rule.target} is looked for by another entry above; name all kinds in one` }] : []),
      ...(repeated >= 0 ? [{ path: `${at}.kinds.${repeated}`, detail: `${rule.kinds[repeated] ?? ''} is named twice` }] : []),
      ...targetProblem(`${at}.target`, rule.target, configuration),
      ...(rule.recognizers ?? []).flatMap((id, position) => knownProblem(`${at}.recognizers.${position}`, 'recognizer', id, recognizers.map((one) => one.id))),
    ];
  });
}

/** A recognizer that cannot be compiled, or that nothing looks for, would hide nothing; many large ones would stop whoever compiles them. */
function recognizerProblems({ masking: { content, recognizers = [] } }: Configuration): MaskingProblem[] {
  let left = RECOGNIZERS_STEPS_MAX;
  return recognizers.flatMap((recognizer, index) => {
    const at = `masking.recognizers.${index}`;
    const { id } = recognizer;
    const compiled = left < 0 ? tooMany(recognizers[index - 1]!.id) : compileRecognizer(recognizer);
    left -= stepsOf(compiled);
    return [
      ...(recognizers.slice(0, index).some((other) => other.id === id) ? [{ path: `${at}.id`, detail: `there is another recognizer ${id} above` }] : []),
      ...(ContentKind.options.some((kind) => kind === id) ? [{ path: `${at}.id`, detail: `${id} is a kind that comes with Interlock; name the recognizer otherwise` }] : []),
      ...(content.some((rule) => rule.recognizers?.includes(id)) ? [] : [{ path: `${at}.id`, detail: `no entry of masking.content looks for ${id}` }]),
      ...(compiled.ok ? [] : [{ path: `${at}.pattern`, detail: compiled.refusal.detail }]),
    ];
  });
}

/** What was too large took no more than the whole of what one may. */
function stepsOf(compiled: ReturnType<typeof compileRecognizer>): number {
  if (compiled.ok) return compiled.value.steps;
  return compiled.refusal.reason === 'pattern_too_large' ? RECOGNIZER_STEPS_MAX : 0;
}

function tooMany(last: string): Outcome<never> {
  return refused('recognizers_too_large', `with recognizer ${last}, the patterns together are larger than those of one configuration may be; repeat less in them, or leave some out`);
}

function targetProblem(path: string, name: string, { targets }: Configuration): MaskingProblem[] {
  return targets.some((target) => target.name === name) ? [] : [{ path, detail: `there is no target ${name}; targets are ${targets.map((target) => target.name).join(', ') || 'not named yet'}` }];
}

/** A misspelt exception would mask for those it was meant for; where tokens carry roles, any name may be one. */
function roleProblem(path: string, role: string, { principals, issuers, roles = [] }: Configuration): MaskingProblem[] {
  const known = roles.some(({ name }) => name === role) || principals.some((principal) => principal.roles.includes(role)) || issuers.some((issuer) => issuer.rolesClaim !== undefined);
  return known ? [] : [{ path, detail: `nobody has role ${role}` }];
}
