import { optionalText, serviceSettings, type ServiceSettings } from '@interlock/nest';

/** What approval reads beside the settings of every service. */
export const approvalSettings = serviceSettings.extend({
  INTERLOCK_APPROVAL_SECRETS_DIR: optionalText('Set it to the folder that holds slack-signing-secret, or leave it out where no chat decides.'),
});

export type ApprovalSettings = ServiceSettings & { readonly INTERLOCK_APPROVAL_SECRETS_DIR?: string | undefined };
