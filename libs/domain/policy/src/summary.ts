import { digestOf, type Json } from '@interlock/kernel';
import type { Configuration } from '@interlock/contracts';

/** A configuration as a summary compares it: what it says and its rules by id. */
export interface Described {
  readonly configuration: Configuration;
  readonly rules: readonly { readonly id: string; readonly file: string; readonly text: string }[];
}

const LINES_MAX = 200;
const LINE_LENGTH_MAX = 500;

/** What changes from one configuration to another, in words, for whoever is to agree. */
export function summarise(before: Described | undefined, after: Described): string[] {
  const lines = (before ? differences(before, after) : [firstLine(after), ...differences(nothing(after), after)]).map(cut);
  if (lines.length === 0) return ['Nothing changes its meaning: comments, order or layout only.'];
  return lines.length <= LINES_MAX ? lines : [...lines.slice(0, LINES_MAX), `... and ${lines.length - LINES_MAX} more differences.`];
}

function cut(line: string): string {
  return line.length <= LINE_LENGTH_MAX ? line : `${line.slice(0, LINE_LENGTH_MAX)} ...`.toWellFormed();
}

/** What gives power comes first: behind two hundred harmless lines it would be cut off. */
function differences(before: Described, after: Described): string[] {
  const [old, young] = [before.configuration, after.configuration];
  return [
    ...administration(old.administration, young.administration),
    ...named('issuer', old.issuers, young.issuers),
    ...separation(old.separation, young.separation),
    ...named('delegation', delegationEntries(old.delegation), delegationEntries(young.delegation)),
    ...risk(old.risk, young.risk),
    ...named('chat', chatEntries(old.chat), chatEntries(young.chat)),
    ...named('principal', old.principals, young.principals),
    ...named('target', old.targets, young.targets),
    ...named('budget', (old.budgets ?? []).map(budgetEntry), (young.budgets ?? []).map(budgetEntry)),
    ...named('rule', before.rules.map(ruleEntry), after.rules.map(ruleEntry)),
    ...named('masking rule', old.masking.columns.map(maskingEntry), young.masking.columns.map(maskingEntry)),
    ...named('classification', old.masking.classifications ?? [], young.masking.classifications ?? []),
    ...named('purpose', old.masking.purposes ?? [], young.masking.purposes ?? []),
    ...named('detokenisation of', (old.masking.detokenise ?? []).map(detokeniseEntry), (young.masking.detokenise ?? []).map(detokeniseEntry)),
    ...named('tags of', tagEntries(old.masking), tagEntries(young.masking)),
    ...named('recognizer', (old.masking.recognizers ?? []).map(recognizerEntry), (young.masking.recognizers ?? []).map(recognizerEntry)),
    ...named('content detection at', old.masking.content.map(contentEntry), young.masking.content.map(contentEntry)),
  ];
}

/** What must be kept apart counts as much as who has power: less of it gives more. */
function separation(before: Configuration['separation'], after: Configuration['separation']): string[] {
  const approvers = [before, after].map((one) => one?.approvers ?? 'by-role');
  return [
    ...(approvers[0] === approvers[1] ? [] : [`changes how approvers are kept apart: from ${approvers[0]} to ${approvers[1]}`]),
    ...named('exclusive roles', before?.exclusiveRoles ?? [], after?.exclusiveRoles ?? []),
    ...named('separation', (before?.dynamic ?? []).map(dynamicEntry), (after?.dynamic ?? []).map(dynamicEntry)),
    ...named('task', (before?.tasks ?? []).map(taskEntry), (after?.tasks ?? []).map(taskEntry)),
  ];
}

/** Who acts for others, each in one line, whatever lines the file has. */
function delegationEntries(delegation: Configuration['delegation']): Entry[] {
  if (!delegation) return [];
  const actors = [...new Set(delegation.allowed.map(({ actor }) => actor))];
  return [...(delegation.depth > 1 ? [{ name: 'depth', is: delegation.depth }] : []), ...actors.map((actor) => ({ name: `to ${actor}`, of: delegation.allowed.filter((one) => one.actor === actor).flatMap((one) => one.for) }))];
}

/** Thresholds first, then each kind of term; of a long list only that it changes. */
function risk(before: Configuration['risk'], after: Configuration['risk']): string[] {
  const [old, young] = [before, after].map((model) => (model ? riskEntries(model) : []));
  return named('risk', old!, young!);
}

function riskEntries({ thresholds, timeZone, ...kinds }: NonNullable<Configuration['risk']>): Entry[] {
  const { ask, deny } = thresholds;
  return [
    { name: 'thresholds', ask: ask && `${ask.score} (${ask.approvers.map(({ role, count }) => `${count} of ${role}`).join(' and ')}, ${ask.windowMinutes} minutes)`, deny },
    { name: 'time zone', is: timeZone },
    ...Object.entries(kinds).filter(([, terms]) => terms.length > 0).map(([kind, terms]) => ({ name: kind, terms: terms.map((term) => Object.entries(term).map(([member, value]) => `${member}=${String(value)}`).join(' ')) })),
  ];
}

/** Every person by name: who is taken for whom in a chat gives power as much as a role does. */
function chatEntries(chat: Configuration['chat']): Entry[] {
  if (!chat) return [];
  const { page, webhooks } = chat;
  return [
    ...(['slack', 'teams'] as const).flatMap((road) => {
      const { users = [], ...settings } = chat[road] ?? {};
      const people = users.map((user): Entry => ({ name: `person ${'team' in user && user.team !== undefined ? `${user.team}/` : ''}${user.id} of ${road}`, principal: user.principal }));
      return chat[road] ? [...people, { name: road, ...settings }] : [];
    }),
    ...webhooks.map(({ name, ...webhook }): Entry => ({ name: `webhook ${name}`, ...webhook })),
    { name: 'page', is: page },
  ];
}

function dynamicEntry({ name, kind, windowSeconds, between, reason }: NonNullable<NonNullable<Configuration['separation']>['dynamic']>[number]): Entry {
  return { name, kind, windowSeconds, between: between.map((act) => Object.values(act).join(' ')), reason };
}

function taskEntry({ name, parties, steps }: NonNullable<Configuration['separation']>['tasks'][number]): Entry {
  return { name, parties, steps: steps.map((step) => Object.values(step).join(' ')) };
}

function budgetEntry({ of, divide, ...budget }: NonNullable<Configuration['budgets']>[number]): Entry {
  return { ...budget, of: Object.entries(of).flat().join(' '), divide: divide.map(({ principal, most }) => `${most} for ${principal}`) };
}

interface Entry {
  readonly name: string;
  readonly [member: string]: unknown;
}

function ruleEntry({ id, text }: Described['rules'][number]): Entry {
  return { name: id, text };
}

function maskingEntry({ id, ...rule }: Configuration['masking']['columns'][number]): Entry {
  return { name: id, ...rule };
}

/** Every column by itself: a tag that goes may show what it hid. */
function tagEntries({ tags = [] }: Configuration['masking']): Entry[] {
  const byColumn = new Map<string, string[]>();
  for (const { target, column, tag, sure, by } of tags) {
    const name = `${target} ${column}`;
    const told = `${tag}${sure < 1 ? `, ${Math.round(sure * 100)} % sure` : ''}${by === undefined ? '' : `, by ${by}`}`;
    byColumn.set(name, [...(byColumn.get(name) ?? []), told]);
  }
  return [...byColumn].map(([name, are]) => ({ name, are }));
}

function detokeniseEntry({ kind, roles }: NonNullable<Configuration['masking']['detokenise']>[number]): Entry {
  return { name: kind, roles };
}

function recognizerEntry({ id, ...recognizer }: NonNullable<Configuration['masking']['recognizers']>[number]): Entry {
  return { name: id, ...recognizer };
}

function contentEntry({ target, kinds, recognizers }: Configuration['masking']['content'][number]): Entry {
  return { name: target, kinds, recognizers };
}

function named(what: string, before: readonly Entry[], after: readonly Entry[]): string[] {
  const [old, young] = [byName(before), byName(after)];
  return [
    ...after.filter((entry) => !old.has(entry.name)).map((entry) => `adds ${what} ${entry.name}${membersInWords(entry)}`),
    ...before.filter((entry) => !young.has(entry.name)).map((entry) => `removes ${what} ${entry.name}`),
    ...after.flatMap((entry) => changed(what, old.get(entry.name), entry)),
  ];
}

function byName(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function changed(what: string, before: Entry | undefined, after: Entry): string[] {
  if (!before || same(before, after)) return [];
  const members = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((member) => !same(before[member], after[member]));
  const told = members.map((member) => (isLong(before[member]) || isLong(after[member]) ? member : `${member} from ${inWords(before[member])} to ${inWords(after[member])}`));
  return [`changes ${what} ${after.name}: ${told.join(', ')}`];
}

function administration(before: Configuration['administration'], after: Configuration['administration']): string[] {
  return (Object.keys(after) as (keyof Configuration['administration'])[])
    .filter((task) => !same(before[task], after[task]))
    .map((task) => `changes who may administer ${task}: from ${inWords(before[task])} to ${inWords(after[task])}`);
}

function membersInWords(entry: Entry): string {
  const told = Object.entries(entry).filter(([member, value]) => member !== 'name' && value !== undefined && !isText(entry, member) && !isEmpty(value));
  return told.length === 0 ? '' : `: ${told.map(([member, value]) => `${member} ${inWords(value)}`).join(', ')}`;
}

/** The text of a rule is the rule. */
function isText(entry: Entry, member: string): boolean {
  return member === 'text' && isLong(entry[member]);
}

function inWords(value: unknown): string {
  if (isLong(value)) return `of ${value.length} characters`;
  if (value === undefined || isEmpty(value)) return 'nothing';
  if (Array.isArray(value)) return value.map(inWords).join(' and ');
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([name, member]) => `${name}=${String(member)}`).join(' and ');
  return String(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Certificates and texts of rules are not told in one line. */
function isLong(value: unknown): value is string {
  return typeof value === 'string' && (value.length > 120 || value.includes('\n'));
}

function same(one: unknown, other: unknown): boolean {
  return digestOf((one ?? null) as Json) === digestOf((other ?? null) as Json);
}

function firstLine({ configuration, rules }: Described): string {
  const { issuers, principals, targets } = configuration;
  return `the first configuration: ${[counted(issuers, 'issuer'), counted(principals, 'principal'), counted(targets, 'target'), counted(rules, 'rule')].join(', ')}`;
}

function counted({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`;
}

function nothing({ configuration: { separation: _separation, risk: _risk, budgets: _budgets, chat: _chat, ...configuration } }: Described): Described {
  return {
    configuration: { ...configuration, issuers: [], principals: [], targets: [], masking: { columns: [], content: [] }, administration: { changes: [], secrets: [], audit: [], locks: [] } },
    rules: [],
  };
}
