import type { Configuration, RoleEntry } from '@interlock/contracts';
import type { ConfigurationProblem } from './configuration-problems.js';
import { roleProblem } from './separation-problems.js';

type Path = readonly (string | number)[];

/** Roles for a time that are offered to nobody who exists, to whom has them, where tokens carry roles, or that nobody could decide about. */
export function onRequestProblems(configuration: Configuration): ConfigurationProblem[] {
  return (configuration.roles ?? []).flatMap((role, index) => [
    ...(role.onRequest?.for ?? []).flatMap((name, position) => offeredProblems(name, role, ['roles', index, 'onRequest', 'for', position], configuration)),
    ...(role.onRequest?.approvers ?? []).flatMap((seat, position) => roleProblem(seat.role, ['roles', index, 'onRequest', 'approvers', position, 'role'], configuration)),
    ...twice(role, ['roles', index, 'onRequest', 'approvers']),
  ]);
}

function offeredProblems(name: string, { name: role }: RoleEntry, path: Path, { principals, issuers }: Configuration): ConfigurationProblem[] {
  const entry = principals.find((one) => one.name === name);
  if (!entry) return [{ path, detail: `there is no principal ${name}`, expected: 'the name of a principal of this file' }];
  if (entry.roles.includes(role)) return [{ path, detail: `${name} has role ${role} already`, expected: 'principals who do not have it' }];
  const issuer = issuers.find((one) => one.name === entry.issuer);
  if (issuer?.rolesClaim === undefined) return [];
  return [{ path, detail: `the tokens of ${name} carry roles (${issuer.rolesClaim}), so when this one is over could not be told`, expected: 'principals of issuers without rolesClaim' }];
}

function twice({ onRequest }: RoleEntry, path: Path): ConfigurationProblem[] {
  const roles = onRequest?.approvers.map(({ role }) => role) ?? [];
  return roles.flatMap((role, index) => (roles.indexOf(role) < index ? [{ path: [...path, index, 'role'], detail: `role ${role} stands there twice`, expected: 'every role once' }] : []));
}
