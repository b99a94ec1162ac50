import type { Configuration } from '@interlock/contracts';
import { grantsRolesByToken } from '../people.js';
import type { Finding } from './finding.js';
import type { Foresight } from './foresight.js';
import type { Parties } from './parties.js';

/** What is not known of people and their agents, and roles that agents cannot use. */
export function peopleFindings(configuration: Configuration, parties: Parties, foresight: Foresight): Finding[] {
  return [...rolesByToken(configuration), ...ownersUnknown(configuration, parties), ...agentsThatApprove(configuration, foresight)];
}

function rolesByToken(configuration: Configuration): Finding[] {
  if (!grantsRolesByToken(configuration)) return [];
  const { separation } = configuration;
  const declared = (separation?.exclusiveRoles.length ?? 0) + (separation?.tasks.length ?? 0) > 0 || separation?.approvers === 'by-role';
  const index = configuration.issuers.findIndex((issuer) => issuer.rolesClaim !== undefined);
  const issuer = configuration.issuers[index]!;
  return [{
    level: declared ? 'conflict' : 'warning', kind: 'roles-by-token', at: { path: ['issuers', index, 'rolesClaim'] },
    detail: `issuer ${issuer.name} grants roles by its tokens (${issuer.rolesClaim}), so who has which role cannot be told from the configuration${declared ? ', and whether they are kept apart cannot be decided' : '; only the roles it names were looked at'}`,
    remedy: declared ? 'Take rolesClaim away and name the members of roles here, or keep roles apart at the issuer and take `separation` away.' : 'Name the members of roles here, if roles are to be kept apart.',
  }];
}

function ownersUnknown({ principals }: Configuration, { unknown }: Parties): Finding[] {
  return principals.flatMap(({ name }, index): Finding[] => (unknown.includes(name)
    ? [{ level: 'warning', kind: 'owners-unknown', at: { path: ['principals', index] }, detail: `nobody is known to stand behind ${name}: it counts as everyone's, and nobody can approve what it asks for`, remedy: 'Name its owners.' }]
    : []));
}

/** Only people approve and administer; the same role in an agent's hands is power without a purpose. */
function agentsThatApprove(configuration: Configuration, { rules }: Foresight): Finding[] {
  const asked = [...rules.flatMap(({ quorum }) => quorum ?? []), ...(configuration.risk?.thresholds.ask?.approvers ?? [])];
  const approving = new Set([...asked.map(({ role }) => role), ...Object.values(configuration.administration).flat()]);
  return configuration.principals.flatMap(({ name, kind, roles }, index): Finding[] => {
    const held = kind === 'agent' ? roles.filter((role) => approving.has(role)) : [];
    return held.length === 0 ? [] : [{
      level: 'warning', kind: 'agent-approves', at: { path: ['principals', index, 'roles'] },
      detail: `agent ${name} has role ${held.join(', ')}, whose members approve or administer; agents never do`,
      remedy: 'Give the agent a role of its own.',
    }];
  });
}
