import type { EventSeal } from '@interlock/kernel';
import type { Asking } from './ask-session.js';
import type { Conversed, Conversing } from './conversation.js';
import type { Lane } from './lane.js';
import { permitProbes, type Probe, type ProbeResult } from './probe.js';
import type { SentStatement } from './running-command.js';
import type { Permitted } from './upstream.js';

/** A session's own connection, where what it runs is to be held inside a transaction that its client has opened. */
export class SessionLane implements Lane {
  constructor(private readonly asking: Asking, private readonly seal: EventSeal) {}

  permit(purpose: string, texts: readonly string[]): Promise<Probe[]> {
    const { target, session, ...ports } = this.asking;
    return permitProbes(ports, target, purpose, texts, session, this.seal);
  }

  run(probe: Probe, sent?: SentStatement): Promise<ProbeResult> {
    return this.asking.link.ask(probe, sent);
  }

  say(part: Permitted, conversing: Conversing): Promise<Conversed> {
    return this.asking.link.say(part, conversing);
  }

  cancel(): void {
    this.asking.link.cancel();
  }

  /** It is the session's, and stays. */
  close(): void {
    return undefined;
  }
}
