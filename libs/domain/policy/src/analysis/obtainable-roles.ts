import type { Configuration } from '@interlock/contracts';

/**
 * The configuration as far as requests can lead: every role that a principal can be given for a time (`onRequest`) among its own. What parties could reach is
 * judged by this one, so what people may agree to later is kept apart as what holds already.
 */
export function withObtainableRoles(configuration: Configuration): Configuration {
  const offers = (configuration.roles ?? []).filter(({ onRequest }) => onRequest);
  if (offers.length === 0) return configuration;
  const principals = configuration.principals.map((entry) => ({
    ...entry, roles: [...new Set([...entry.roles, ...offers.filter(({ onRequest }) => onRequest!.for.includes(entry.name)).map(({ name }) => name)])],
  }));
  return { ...configuration, principals };
}

/** Whether a principal has this role only where people give it for a time. Nobody has it for good as well: such an offer does not load. */
export function isObtainable(principal: string, role: string, { roles }: Configuration): boolean {
  return roles?.some(({ name, onRequest }) => name === role && onRequest?.for.includes(principal)) === true;
}
