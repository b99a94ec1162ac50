import { refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal } from '@interlock/contracts';
import { principalOf } from '@interlock/domain-identity';
import type { Verified } from './verified.js';

/**
 * Who the person of a chat is, by the declared list and by nothing else. Roles are those of their entry alone: a role that an issuer's
 * token would bring is not theirs here, since no token was shown.
 */
export function personOf({ road, press: { user, userTeam } }: Verified, configuration: Configuration): Outcome<Principal> {
  const name = road === 'slack' ? slackPerson(user, userTeam, configuration) : configuration.chat?.teams?.users.find((known) => known.id.toLowerCase() === user)?.principal;
  const entry = configuration.principals.find((known) => known.name === name);
  if (!entry) return refused('chat_person_unknown', `No principal of the configuration is this person of ${road}.`, { hint: `Have them declared in chat.${road}.users of interlock.yaml, or decide on the page.` });
  if (entry.kind !== 'human') return refused('human_required', `${entry.name} may not decide: only a person may.`);
  return principalOf({ issuer: entry.issuer, subject: entry.subject, claims: {}, expiresAtMs: 0 }, configuration);
}

function slackPerson(user: string, team: string, { chat }: Configuration): string | undefined {
  const { slack } = chat ?? {};
  return slack?.users.find((known) => known.id === user && (known.team ?? slack.team) === team)?.principal;
}

