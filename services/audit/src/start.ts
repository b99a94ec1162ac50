import { startService, type RunningService } from '@interlock/nest';
import { AuditModule } from './audit.module.js';
import { auditSettings } from './settings.js';

/**
 * Starts audit: projections of the ledger, replay and verification.
 *
 * @throws ConfigurationError, KeysUnavailable, BusUnreachable, BusNotSynced. A database that is not there is waited for, and health says so.
 */
export function startAudit(env: NodeJS.ProcessEnv): Promise<RunningService> {
  return startService({ name: 'audit', module: AuditModule, env, settings: auditSettings });
}
