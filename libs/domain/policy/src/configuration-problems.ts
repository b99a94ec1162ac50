import type { Configuration, PrincipalEntry } from '@interlock/contracts';
import { delegationProblems } from './delegation-problems.js';
import { onRequestProblems } from './on-request-problems.js';
import { grantsRolesByToken, oneOf, peopleIn } from './people.js';

/** Something wrong between parts of a configuration, each of which is well formed by itself. */
export interface ConfigurationProblem {
  /** Where, e.g. ['principals', 2, 'issuer']. */
  readonly path: readonly (string | number)[];
  readonly detail: string;
  readonly expected?: string;
}

/** Names that lead nowhere, names given twice, circles of owners, and a configuration that nobody could ever change again. */
export function configurationProblems(configuration: Configuration): ConfigurationProblem[] {
  return [
    ...duplicates('issuers', 'issuer', configuration.issuers),
    ...duplicates('principals', 'principal', configuration.principals),
    ...duplicates('targets', 'target', configuration.targets),
    ...duplicates('roles', 'role', configuration.roles ?? []),
    ...configuration.issuers.flatMap(({ url }, index) => issuerProblems(url, index)),
    ...configuration.principals.flatMap((entry, index) => principalProblems(entry, index, configuration)),
    ...sharedSubjects(configuration),
    ...administrationProblems(configuration),
    ...delegationProblems(configuration),
    ...onRequestProblems(configuration),
  ];
}

function duplicates(list: 'issuers' | 'principals' | 'targets' | 'roles', what: string, entries: readonly { readonly name: string }[]): ConfigurationProblem[] {
  return entries.flatMap(({ name }, index) => (entries.findIndex((other) => other.name === name) < index
    ? [{ path: [list, index, 'name'], detail: `there is another ${what} ${name} above`, expected: 'a name of its own' }]
    : []));
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Keys fetched in clear could be anyone's, so an issuer speaks https, or http on this machine alone. */
function issuerProblems(url: string, index: number): ConfigurationProblem[] {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) return [];
  return [{ path: ['issuers', index, 'url'], detail: `the issuer ${url} does not speak https`, expected: 'https, or http on loopback' }];
}

/** Whom an entry may name as standing behind it. */
const TIES = ['owners', 'createdBy', 'scheduledBy'] as const;

function principalProblems(entry: PrincipalEntry, index: number, configuration: Configuration): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const issuers = configuration.issuers.map((issuer) => issuer.name);
  if (!issuers.includes(entry.issuer)) problems.push({ path: ['principals', index, 'issuer'], detail: `there is no issuer ${entry.issuer}`, expected: oneOf(issuers) });
  for (const tie of TIES) entry[tie]?.forEach((name, position) => problems.push(...parentProblems(entry, name, ['principals', index, tie, position], configuration)));
  const person = configuration.principals.find((other) => other.name === entry.human);
  if (person?.kind === 'agent' && entry.kind === 'human') {
    problems.push({ path: ['principals', index, 'human'], detail: `${person.name} is an agent`, expected: 'a person' });
  }
  if (entry.human !== undefined && entry.kind === 'agent') {
    problems.push({ path: ['principals', index, 'human'], detail: `${entry.name} is an agent`, expected: 'owners, which say who is behind an agent' });
  } else if (entry.human !== undefined && leadsTo(entry.human, entry.name, configuration, new Set()) && entry.human !== entry.name) {
    problems.push({ path: ['principals', index, 'human'], detail: `${entry.name} is behind itself`, expected: 'the person, at the end of the line' });
  }
  return problems;
}

function parentProblems(entry: PrincipalEntry, parent: string, path: (string | number)[], configuration: Configuration): ConfigurationProblem[] {
  const known = configuration.principals.some((other) => other.name === parent || (other.kind === 'human' && other.human === parent));
  if (!known) return [{ path, detail: `there is no principal ${parent}`, expected: 'the name of a person or of another agent of this file' }];
  if (!leadsTo(parent, entry.name, configuration, new Set())) return [];
  return [{ path, detail: `${entry.name} is behind itself through ${parent}`, expected: 'a line that ends at people' }];
}

/** Whether `from` is `goal`, or has it behind itself in the end. */
function leadsTo(from: string, goal: string, configuration: Configuration, seen: Set<string>): boolean {
  if (from === goal) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  const entry = configuration.principals.find((other) => other.name === from);
  const behind = entry ? [...TIES.flatMap((tie) => entry[tie] ?? []), ...(entry.human !== undefined && entry.human !== entry.name ? [entry.human] : [])] : [];
  return behind.some((next) => leadsTo(next, goal, configuration, seen));
}

/** Identity is the address of the issuer and the subject: two names for one issuer do not make two people of one. */
function sharedSubjects({ principals, issuers }: Configuration): ConfigurationProblem[] {
  const addressOf = (entry: PrincipalEntry) => issuers.find((issuer) => issuer.name === entry.issuer)?.url ?? entry.issuer;
  return principals.flatMap((entry, index) => {
    const other = principals.slice(0, index).find((earlier) => earlier.subject === entry.subject && addressOf(earlier) === addressOf(entry));
    return other ? [{ path: ['principals', index, 'subject'], detail: `${entry.name} has issuer and subject of ${other.name}`, expected: 'a subject of its own' }] : [];
  });
}

/** Every duty needs someone who has it, and changes need two who share no human: else they could never be undone. */
function administrationProblems(configuration: Configuration): ConfigurationProblem[] {
  if (grantsRolesByToken(configuration)) return [];
  const problems = Object.entries(configuration.administration).flatMap(([task, roles]) => roles.flatMap((role, index) => (peopleIn([role], configuration).length > 0
    ? []
    : [{ path: ['administration', task, index], detail: `no person has role ${role}`, expected: oneOf(rolesOfPeople(configuration)) }])));
  const humans = new Set(peopleIn(configuration.administration.changes, configuration).map((person) => person.human ?? person.name));
  if (humans.size >= 2 || problems.length > 0) return problems;
  return [{
    path: ['administration', 'changes'],
    detail: `only ${[...humans].join('')} could propose changes, and nobody else approve them: this configuration could never be changed again`,
    expected: 'roles that at least two different people have',
  }];
}

function rolesOfPeople(configuration: Configuration): string[] {
  return [...new Set(configuration.principals.filter((entry) => entry.kind === 'human').flatMap((entry) => entry.roles))];
}
