import { requiredText, serviceSettings, type ServiceSettings } from '@interlock/nest';

/** What audit reads beside the settings of every service. */
export const auditSettings = serviceSettings.extend({
  INTERLOCK_VIEWS_URL: requiredText('Set it to the address of the PostgreSQL database of the views, e.g. postgres://user:password@127.0.0.1:5432/interlock.'),
});

export interface AuditSettings extends ServiceSettings {
  readonly INTERLOCK_VIEWS_URL: string;
}
