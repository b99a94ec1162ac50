import type { Decision } from '@interlock/contracts';

/**
 * What differs between two decisions about one command: outcome, rules and quorum, one sentence each. Their sentences for people may
 * differ: another version of the house may say them otherwise.
 */
export function differencesOf(recorded: Decision, again: Decision): string[] {
  return (['outcome', 'rules', 'quorum'] as const).flatMap((aspect) => {
    const [was, is] = [ASPECTS[aspect](recorded), ASPECTS[aspect](again)];
    return was === is ? [] : [`${aspect}: recorded ${was}, again ${is}`];
  });
}

const ASPECTS = {
  outcome: ({ outcome }: Decision) => outcome,
  rules: ({ reasons }: Decision) => reasons.map(({ effect, rule }) => `${effect} ${rule}`).toSorted().join(', '),
  quorum: ({ ask }: Decision) => (ask
    ? `${ask.quorum.map(({ role, count }) => `${count} of ${role}`).toSorted().join(' and ')} within ${ask.windowSeconds} s for ${ask.rules.toSorted().join(', ')} (${ask.ruleHash.slice(0, 12)})`
    : 'nobody'),
};
