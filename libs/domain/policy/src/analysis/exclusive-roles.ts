import type { Configuration } from '@interlock/contracts';
import type { Finding } from './finding.js';
import type { Parties } from './parties.js';

/** Humans who stand behind two roles that exclude each other, through whatever accounts and agents. */
export function exclusiveRoleFindings(configuration: Configuration, parties: Parties): Finding[] {
  const holders = (role: string) => parties.firstBehind(configuration.principals.filter((entry) => entry.roles.includes(role)).flatMap(({ name }) => parties.waysOf(name)));
  return (configuration.separation?.exclusiveRoles ?? []).flatMap(({ name, roles }, index) => pairs(roles).flatMap(([one, other]) => {
    const [ones, others] = [holders(one), holders(other)];
    return parties.humans.flatMap((human): Finding[] => {
      const [first, second] = [ones.get(human), others.get(human)];
      if (first === undefined || second === undefined) return [];
      const told = [parties.through(human, first, parties.holding(first.name, one)), parties.through(human, second, parties.holding(second.name, other))];
      return [{
        level: 'conflict', kind: 'exclusive-roles', at: { path: ['separation', 'exclusiveRoles', index] },
        detail: `one person alone: ${human} ${told.join(', and ')}, which exclude each other (${name})`,
        remedy: `Take one of the roles away, or give ${first.name === second.name ? 'it' : 'one of the agents'} to someone else.`,
      }];
    });
  }));
}

function pairs(roles: readonly string[]): [string, string][] {
  return roles.flatMap((one, index) => roles.slice(index + 1).map((other): [string, string] => [one, other]));
}
