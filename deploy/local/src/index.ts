/** What tests, benches and `npm test` need of the one-machine shape. No service is exported here, so that loading this loads none. */
export { generateInstallation, type Installation } from './bus/installation.js';
export { natsConfiguration, type NatsConfiguration } from './bus/configuration.js';
export { createStreams, type StreamSizes } from './bus/streams.js';
export { SERVICES, type ServiceName } from './bus/permissions.js';
export { ensureNatsServer, NATS_MINIMUM, type Tell } from './provision/nats-server.js';
export { ensurePgbench, ensurePgbouncer, ensurePostgresClient, type Program } from './provision/debian-tools.js';
export { ensureBenchPrograms, ensureTestPrograms, type TestPrograms } from './provision/test-programs.js';
export { ensurePostgresBinaries, type PostgresBinaries } from './provision/postgres-binaries.js';
export { giveCertificate, initialiseCluster, runAs, serverArguments, SUPERUSER, type Cluster } from './cluster/cluster.js';
export { canReach, databaseAccount, type Account } from './state/account.js';
export { ensureLocalTls, type LocalTls } from './tls/authority.js';
export { prepareTargets, prepareViews, PROBE_ROLE, STANDING_ROLE } from './demo/databases.js';
export { effectiveConfiguration, type ConfigurationFile } from './demo/effective-configuration.js';
export { ensurePrincipals, readPrincipals, type PrincipalsFile } from './issuer/principals.js';
export { startIssuer, type RunningIssuer } from './issuer/server.js';
export { ensureStreams, prepareBus } from './supervisor/bus.js';
export { Supervisor, type RunningInstallation } from './supervisor/supervisor.js';
export { explainFault, InstallationFault } from './fault.js';
