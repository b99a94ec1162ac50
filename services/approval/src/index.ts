import { startService, type Running } from '@interlock/nest';
import { ApprovalModule } from './approval.module.js';
import { approvalSettings } from './settings.js';

/** Starts the approval service. @throws ConfigurationError and whatever keeps it from the bus. */
export function startApproval(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'approval', module: ApprovalModule, env, settings: approvalSettings });
}
