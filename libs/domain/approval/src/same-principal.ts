import type { Principal } from '@interlock/contracts';

/** Whether two are one identity, whatever they are called: issuer and subject make it, names and roles do not. */
export function isSamePrincipal(one: Pick<Principal, 'issuer' | 'subject'>, other: Pick<Principal, 'issuer' | 'subject'>): boolean {
  return one.issuer === other.issuer && one.subject === other.subject;
}
