import type { Plan } from './interpret.js';
import type { Relay } from './relay.js';
import type { RunningCommand } from './running-command.js';
import type { TargetLink } from './target-link.js';

export interface StepPorts {
  readonly relay: Pick<Relay, 'expect'>;
  readonly link: Pick<TargetLink, 'forward' | 'forwardStanding'>;
  /** It is on its way from now on. */
  readonly start: (command: RunningCommand) => void;
}

/** A command decided in this segment goes under its own permit; everything else runs no command of its own. */
export function forwardStep({ relay, link, start }: StepPorts, { commands }: Plan, { raw, expected, command }: Plan['steps'][number]): void {
  for (const one of command ? [command] : (expected?.commands ?? [])) if (one.startedAtMs === 0) start(one);
  const first = command ?? expected?.commands[0];
  const decidedHere = first && commands.includes(first) ? first : undefined;
  if (decidedHere && !decidedHere.permit) throw new Error('a command is to be forwarded without a permit');
  if (expected) relay.expect(expected);
  if (decidedHere) link.forward({ permit: decidedHere.permit!, digest: decidedHere.verdict.actionDigest, bytes: raw });
  else link.forwardStanding(raw);
}
