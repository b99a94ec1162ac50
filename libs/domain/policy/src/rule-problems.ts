import type { Ask, Configuration } from '@interlock/contracts';
import { grantsRolesByToken, oneOf, peopleIn } from './people.js';

/** What a rule says about the world: the entities it names and whose approval it wants. */
export interface RuleMention {
  readonly entities: readonly { readonly type: string; readonly id: string }[];
  readonly quorum?: Ask['quorum'] | undefined;
  readonly accepts?: Ask['accepts'] | undefined;
  readonly glass?: { readonly breakers: readonly string[]; readonly reviewers: readonly string[] } | undefined;
}

/** A name in a rule that leads nowhere. */
export interface RuleProblem {
  /** As the rule writes it, e.g. `Role::"etl"`, or `@approvers`. */
  readonly mention: string;
  readonly detail: string;
  readonly expected?: string;
}

/** Types whose ids begin with a target's name, and how many segments they have. */
const SEGMENTS: Readonly<Record<string, number>> = {
  Schema: 2, Table: 3, View: 3, Sequence: 3, Function: 3, Type: 3, Database: 2, DatabaseRole: 2, Setting: 2, Channel: 2,
};

/** The types of things that rules and tasks name as a resource. */
export const OBJECT_TYPES: readonly string[] = ['Target', ...Object.keys(SEGMENTS), 'Other'];

/** What this rule names and this configuration does not have. Schemas and tables are the target's own business. */
export function ruleProblems(rule: RuleMention, configuration: Configuration): RuleProblem[] {
  return [
    ...rule.entities.flatMap(({ type, id }) => entityProblems(type, id, configuration)),
    ...(rule.quorum ?? []).flatMap((seat) => seatProblems(seat, configuration)),
    ...(rule.accepts ?? []).flatMap((chat) => chatProblem(chat, configuration)),
    ...(rule.glass ? glassProblems(rule.glass, configuration) : []),
  ];
}

/** What is wrong with naming this entity under this configuration. */
export function entityProblems(type: string, id: string, configuration: Configuration): RuleProblem[] {
  const mention = `${type}::${JSON.stringify(id)}`;
  switch (type) {
    case 'Action': case 'Session':
      return [];
    case 'Agent': case 'Human':
      return principalProblem(mention, type, id, configuration);
    case 'Role':
      return roleProblem(mention, id, configuration);
    case 'Target':
      return targetProblem(mention, id, configuration);
    default:
      return objectProblem(mention, type, id, configuration);
  }
}

function principalProblem(mention: string, type: 'Agent' | 'Human', id: string, configuration: Configuration): RuleProblem[] {
  const kind = type === 'Agent' ? 'agent' : 'human';
  const entry = configuration.principals.find((candidate) => candidate.name === id);
  if (entry?.kind === kind) return [];
  if (entry) return [{ mention, detail: `${id} is ${entry.kind === 'agent' ? 'an agent' : 'a human'}`, expected: `${entry.kind === 'agent' ? 'Agent' : 'Human'}::${JSON.stringify(id)}` }];
  return [{ mention, detail: `there is no ${kind} ${id}`, expected: oneOf(configuration.principals.filter((candidate) => candidate.kind === kind).map((candidate) => candidate.name)) }];
}

function roleProblem(mention: string, id: string, configuration: Configuration): RuleProblem[] {
  const known = configuration.roles?.map((role) => role.name) ?? [...new Set(configuration.principals.flatMap((entry) => entry.roles))];
  return known.includes(id) || grantsRolesByToken(configuration) ? [] : [{ mention, detail: configuration.roles ? `there is no role ${id}` : `nobody has role ${id}`, expected: oneOf(known) }];
}

function targetProblem(mention: string, id: string, configuration: Configuration): RuleProblem[] {
  const known = configuration.targets.map((target) => target.name);
  return known.includes(id) ? [] : [{ mention, detail: `there is no target ${id}`, expected: oneOf(known) }];
}

function objectProblem(mention: string, type: string, id: string, configuration: Configuration): RuleProblem[] {
  const segments = id.split('/');
  const wanted = SEGMENTS[type];
  if (segments.some((segment) => segment === '') || (wanted !== undefined && segments.length !== wanted)) {
    return [{ mention, detail: `${JSON.stringify(id)} is no ${type.toLowerCase()}'s place`, expected: placeOf(wanted) }];
  }
  return targetProblem(mention, segments[0]!, configuration);
}

function placeOf(segments: number | undefined): string {
  return segments === 3 ? 'target/schema/name' : segments === 2 ? 'target/name' : 'a place that begins with the name of a target';
}

/** An approval that can never be had is a refusal in disguise. */
function seatProblems({ role, count }: Ask['quorum'][number], configuration: Configuration): RuleProblem[] {
  if (grantsRolesByToken(configuration)) return [];
  const people = new Set(peopleIn([role], configuration).map((person) => person.human ?? person.name));
  if (people.size >= count) return [];
  return [{ mention: '@approvers', detail: `${people.size === 0 ? 'no person has' : `only ${people.size} of ${count} people have`} role ${role}`, expected: 'approvers that exist' }];
}

/** A glass that nobody can break is none, and one that two people cannot review is a hole. */
function glassProblems({ breakers, reviewers }: NonNullable<RuleMention['glass']>, configuration: Configuration): RuleProblem[] {
  if (grantsRolesByToken(configuration)) return [];
  const people = (roles: readonly string[]): number => new Set(peopleIn(roles, configuration).map((person) => person.human ?? person.name)).size;
  const reviewing = people(reviewers);
  return [
    ...(people(breakers) > 0 ? [] : [{ mention: '@break_glass', detail: `no person has role ${breakers.join(' or ')}`, expected: 'roles of people that exist' }]),
    ...(reviewing >= 2 ? [] : [{ mention: '@reviewers', detail: `${reviewing === 0 ? 'no person has' : 'only one person has'} role ${reviewers.join(' or ')}, and a review takes two`, expected: 'roles of two people at least' }]),
  ];
}

/** A rule may not rest on a chat that nobody can answer in. */
function chatProblem(chat: NonNullable<Ask['accepts']>[number], { chat: declared }: Configuration): RuleProblem[] {
  const people = declared?.[chat]?.users.length ?? 0;
  return people > 0 ? [] : [{ mention: '@accepts', detail: declared?.[chat] ? `nobody may answer in ${chat}: it declares no users` : `there is no ${chat} in chat of interlock.yaml`, expected: `chat.${chat} with users, or no @accepts` }];
}
