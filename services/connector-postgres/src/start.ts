import { startService, type Running } from '@interlock/nest';
import { ConnectorModule } from './connector.module.js';
import { CONNECTOR_NAME } from './connector.js';
import { connectorSettings } from './settings.js';

/** Starts the PostgreSQL connector. @throws ConfigurationError and whatever keeps it from the bus or its port. */
export function startConnectorPostgres(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: CONNECTOR_NAME, module: ConnectorModule, env, settings: connectorSettings });
}
