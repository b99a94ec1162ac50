import { unreachable, type EventDraft } from '@interlock/kernel';
import { draft, type Action, type Decision, type GrantFact } from '@interlock/contracts';
import { actionDigest, requesterText, type StatementDigest } from '@interlock/domain-session';
import type { FreshWord } from './control-plane-watch.js';
import { mintPermit, type Permit } from './permit.js';
import type { ExchangeFacts, GatewayPorts } from './ports.js';

/** A command as a connector understood it. */
export interface CommandRequest {
  readonly id: string;
  readonly action: Action;
  readonly statement: StatementDigest;
}

/** A command with its decision, not yet recorded: nothing may be forwarded on it. */
export interface DecidedCommand extends CommandRequest {
  readonly actionDigest: string;
  readonly decision: Decision;
  readonly grant?: GrantFact;
}

/** How long after its acknowledgement a permit may be used. */
const PERMIT_MS = 30_000;

/**
 * Decides commands of one exchange and records them. A permit comes out only after the ledger acknowledged the event that
 * holds the request and its decision.
 */
export class CommandGate {
  readonly #requester: string;

  constructor(private readonly exchange: ExchangeFacts, private readonly ports: Pick<GatewayPorts, 'ledger' | 'nowMs'>) {
    this.#requester = requesterText(exchange.principal);
  }

  /** Pure and synchronous: the judge of the control plane's present word. */
  decide(command: CommandRequest, word: FreshWord, grant?: GrantFact): DecidedCommand {
    const { principal } = this.exchange;
    const decision = word.judge.judge({ principal, target: word.target, action: command.action, ...(grant && { grant }) });
    const digest = actionDigest(this.#requester, word.target.name, command.statement, command.action.parameters);
    return { ...command, actionDigest: digest, decision, ...(grant && { grant }) };
  }

  /** The event of one decided command. */
  draftOf(command: DecidedCommand): EventDraft {
    const { principal, target } = this.exchange;
    const { action, actionDigest: digest, decision, grant } = command;
    return this.about(command.id, draft('command.decided.v1', {
      principal: principal.name, target: target.name, action, actionDigest: digest, decision, phase: grant ? 'forward' : 'request', ...(grant && { grant }),
    }));
  }

  /** An event of this exchange, under its key. */
  about(command: string | undefined, event: EventDraft): EventDraft {
    const { session, exchange, seal } = this.exchange;
    return { ...event, session, exchange, seal, ...(command !== undefined && { command }) };
  }

  /**
   * Records decided commands, and whatever else belongs to the same moment, in one append, and gives a permit for each that is
   * allowed, in order. @throws LedgerUnavailable: nothing may be forwarded then.
   */
  async record(commands: readonly DecidedCommand[], others: readonly EventDraft[] = []): Promise<readonly Permit[]> {
    const drafts = [...commands.map((command) => this.draftOf(command)), ...others];
    if (drafts.length === 0) return [];
    const receipt = await this.ports.ledger.append(drafts);
    const expiresAtMs = this.ports.nowMs() + PERMIT_MS;
    return commands.flatMap((command, index) => {
      switch (command.decision.outcome) {
        case 'allow':
          return [mintPermit({
            principal: this.exchange.principal.name, target: this.exchange.target.name, command: command.id, actionDigest: command.actionDigest, decisionEvent: receipt.ids[index]!, expiresAtMs,
          })];
        case 'deny':
        case 'ask':
          return [];
        default:
          return unreachable(command.decision.outcome);
      }
    });
  }
}
