import { startService, type Running } from '@interlock/nest';
import { ChatopsModule } from './chatops.module.js';
import { chatopsSettings } from './settings.js';

/** Starts chat: it tells people of approvals and carries their answers. @throws ConfigurationError and whatever keeps it from the bus or its port. */
export function startChatops(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'chatops', module: ChatopsModule, env, settings: chatopsSettings });
}
