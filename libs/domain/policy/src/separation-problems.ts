import type { Configuration, TaskStep } from '@interlock/contracts';
import type { ConfigurationProblem } from './configuration-problems.js';
import { grantsRolesByToken, oneOf } from './people.js';
import { entityProblems, OBJECT_TYPES } from './rule-problems.js';

type Path = (string | number)[];

/** Roles that nobody declared, members who do not exist, and separations that name what is not there or say nothing. */
export function separationProblems(configuration: Configuration): ConfigurationProblem[] {
  const { roles, separation } = configuration;
  return [
    ...(roles ?? []).flatMap((role, index) => memberProblems(role.members, ['roles', index, 'members'], configuration)),
    ...(roles ? undeclaredRoles(configuration) : []),
    ...(separation?.exclusiveRoles ?? []).flatMap((set, index) => setProblems(set.roles, ['separation', 'exclusiveRoles', index, 'roles'], configuration)),
    ...(separation?.tasks ?? []).flatMap((task, index) => task.steps.flatMap((step, position) => stepProblems(step, ['separation', 'tasks', index, 'steps', position], configuration))),
  ];
}

function memberProblems(members: readonly string[], path: Path, { principals }: Configuration): ConfigurationProblem[] {
  return members.flatMap((member, index) => (principals.some((entry) => entry.name === member)
    ? []
    : [{ path: [...path, index], detail: `there is no principal ${member}`, expected: 'the name of a principal of this file' }]));
}

/** Where roles are declared, a role that is not among them is a slip. */
function undeclaredRoles(configuration: Configuration): ConfigurationProblem[] {
  const named = [
    ...configuration.principals.flatMap((entry, index) => entry.roles.map((role, position) => ({ role, path: ['principals', index, 'roles', position] as Path }))),
    ...Object.entries(configuration.administration).flatMap(([task, roles]) => roles.map((role, position) => ({ role, path: ['administration', task, position] as Path }))),
  ];
  return named.flatMap(({ role, path }) => roleProblem(role, path, configuration));
}

function setProblems(roles: readonly string[], path: Path, configuration: Configuration): ConfigurationProblem[] {
  const twice = roles.flatMap((role, index) => (roles.indexOf(role) < index ? [{ path: [...path, index], detail: `role ${role} stands there twice`, expected: 'every role once' }] : []));
  return [...twice, ...roles.flatMap((role, index) => roleProblem(role, [...path, index], configuration))];
}

/** A role that nobody has or, where roles are declared, that is none of them. */
export function roleProblem(role: string, path: Path, configuration: Configuration): ConfigurationProblem[] {
  const known = configuration.roles?.map((entry) => entry.name) ?? [...new Set(configuration.principals.flatMap((entry) => entry.roles))];
  if (known.includes(role) || (!configuration.roles && grantsRolesByToken(configuration))) return [];
  return [{ path, detail: configuration.roles ? `there is no role ${role}` : `nobody has role ${role}`, expected: oneOf(known) }];
}

function stepProblems(step: TaskStep, path: Path, configuration: Configuration): ConfigurationProblem[] {
  const ways = [step.duty, step.verb, step.role, step.administration].filter((way) => way !== undefined);
  const acts = step.duty !== undefined || step.verb !== undefined;
  if (ways.length !== 1 || acts !== (step.resource !== undefined)) {
    return [{ path, detail: 'the step does not say one thing', expected: 'a duty or a verb with a resource, or a role, or a task of administration' }];
  }
  return [
    ...(step.role === undefined ? [] : roleProblem(step.role, [...path, 'role'], configuration)),
    ...(step.resource === undefined ? [] : resourceProblems(step.resource, [...path, 'resource'], configuration)),
  ];
}

export function resourceProblems(resource: string, path: Path, configuration: Configuration): ConfigurationProblem[] {
  const { type, id } = resourceOf(resource);
  if (!OBJECT_TYPES.includes(type)) return [{ path, detail: `there is no type ${type}`, expected: oneOf(OBJECT_TYPES) }];
  return entityProblems(type, id, configuration).map(({ detail, expected }) => ({ path, detail, ...(expected && { expected }) }));
}

/** `Table::"shop/public/orders"` as type and id. */
export function resourceOf(resource: string): { readonly type: string; readonly id: string } {
  const [type = '', id = ''] = resource.split('::');
  return { type, id: id.slice(1, -1) };
}
