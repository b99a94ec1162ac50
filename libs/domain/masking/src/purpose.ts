import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration } from '@interlock/contracts';

/**
 * What a session may say that it is for. Refused with `purpose_unknown` where no such purpose is declared, with `purpose_not_allowed` where it is for
 * principals of other roles.
 */
export function purposeFor({ masking: { purposes = [] } }: Pick<Configuration, 'masking'>, stated: string, roles: readonly string[]): Outcome<string> {
  const purpose = purposes.find(({ name }) => name === stated);
  if (!purpose) return refused('purpose_unknown', `There is no purpose ${JSON.stringify(stated.slice(0, 100))}.`, { hint: purposes.length === 0 ? 'The configuration declares no purposes: leave interlock.purpose out.' : `Purposes are ${purposes.map(({ name }) => name).join(', ')}.` });
  if (purpose.roles.some((role) => roles.includes(role))) return accepted(stated);
  return refused('purpose_not_allowed', `The purpose ${stated} is for principals of ${purpose.roles.join(', ')}.`, { hint: 'Leave interlock.purpose out, or connect as one of these.' });
}
