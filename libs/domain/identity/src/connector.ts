import type { Trust } from '@interlock/contracts';

/** The public keys of a connector: a service of this installation whose name says that it is one. Undefined for any other name. */
export function connectorOf(name: string, trust: Trust): Trust['services'][string] | undefined {
  return name.startsWith('connector-') && Object.hasOwn(trust.services, name) ? trust.services[name] : undefined;
}
