import { optionalText, port, serviceSettings, type ServiceSettings } from '@interlock/nest';

/** What chatops reads beside the settings of every service. Destinations and persons are in interlock.yaml. */
export const chatopsSettings = serviceSettings.extend({
  INTERLOCK_CHATOPS_HOST: optionalText('Set it to the address to listen on for answers from chats, or leave it out for 127.0.0.1.'),
  INTERLOCK_CHATOPS_PORT: port().optional().describe('Set it to a free TCP port to take answers from chats there, or leave it out to only tell them.'),
  INTERLOCK_CHATOPS_SECRETS_DIR: optionalText('Set it to the folder that holds slack-token, teams-password and webhook-<name>, or leave it out where there are none.'),
});

export type ChatopsSettings = ServiceSettings & {
  readonly INTERLOCK_CHATOPS_HOST?: string | undefined;
  readonly INTERLOCK_CHATOPS_PORT?: number | undefined;
  readonly INTERLOCK_CHATOPS_SECRETS_DIR?: string | undefined;
};
