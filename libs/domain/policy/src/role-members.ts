import type { Configuration } from '@interlock/contracts';

/** The same configuration with every declared member's role among that principal's own, after those that its entry names. */
export function withRoleMembers(configuration: Configuration): Configuration {
  const { roles } = configuration;
  if (!roles) return configuration;
  const principals = configuration.principals.map((entry) => {
    const declared = roles.filter((role) => role.members.includes(entry.name)).map((role) => role.name);
    return { ...entry, roles: [...new Set([...entry.roles, ...declared])] };
  });
  return { ...configuration, principals };
}
