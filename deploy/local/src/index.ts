/** The operator's step for the bus, for tests that need a real one. No service is exported here, so that loading this loads none. */
export { generateInstallation, type Installation } from './bus/installation.js';
export { natsConfiguration, type NatsConfiguration } from './bus/configuration.js';
export { createStreams, type StreamSizes } from './bus/streams.js';
export { SERVICES, type ServiceName } from './bus/permissions.js';
export { ensureNatsServer } from './provision/nats-server.js';
