import type { Provider } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { BotTokenVerifier } from '@interlock/adapter-oidc';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import type { ChatRequest, Configuration } from '@interlock/contracts';
import type { Ledger, Outcome } from '@interlock/kernel';
import { CLOCK, CONFIG, CONTROL, KEYS, LEDGER, readSecretFile, type Clock } from '@interlock/nest';
import { ApprovalDesk } from '../desk.js';
import type { ApprovalSettings } from '../settings.js';
import { ChatDesk } from './chat-desk.js';
import type { Verified } from './verified.js';
import { verifiedSlack } from './verify-slack.js';
import { verifiedTeams } from './verify-teams.js';

/** {@link ChatDesk} over this service's own keys and secrets: what verifies a chat is here, and nowhere else. */
export const chatDesk: Provider<ChatDesk> = {
  provide: ChatDesk,
  inject: [ApprovalDesk, LEDGER, KEYS, CONTROL, CONFIG, CLOCK],
  useFactory: (desk: ApprovalDesk, ledger: Ledger, keys: ServiceKeys, control: ControlFollower, settings: ApprovalSettings, clock: Clock) => {
    const bots = new BotTokenVerifier(clock);
    return new ChatDesk({
      desk, ledger, keys, control, nowMs: () => clock.nowMs(),
      verify: (request, configuration) => verify(request, configuration, { settings, bots }, clock.nowMs()),
    });
  },
};

async function verify(request: ChatRequest, { chat }: Configuration, { settings, bots }: { readonly settings: ApprovalSettings; readonly bots: BotTokenVerifier }, nowMs: number): Promise<Outcome<Verified>> {
  if (request.road === 'slack') return verifiedSlack(request, chat, await readSecretFile(settings.INTERLOCK_APPROVAL_SECRETS_DIR, 'slack-signing-secret'), nowMs);
  return verifiedTeams(request, chat, bots, nowMs);
}
