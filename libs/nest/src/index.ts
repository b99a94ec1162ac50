export { ConfigurationError, flag, loadConfig, optionalText, port, requiredText, serviceSettings, wholeNumber, type ServiceSettings } from './configuration.js';
export { readKek, type KekSource } from './kek.js';
export { readSecretFile } from './secret-file.js';
export { createLogger, type LogFields, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { redact } from './redaction.js';
export {
  BUS, CLOCK, CONFIG, CONTROL, HEALTH, KEYS, LEDGER, LOGGER, RPC_CLIENT, SERVICE, TRACING, TRUST, type Clock, type ServiceIdentity,
} from './tokens.js';
export { Rpc, rpcSubject, type RpcAnswer, type RpcHandler, type RpcParsed } from './rpc.js';
export { Health, type HealthCheck } from './health.js';
export { type Running } from './running.js';
export { type KeyRegistrar } from './ports.js';
export { recognition } from './recognition.js';
export { runProcess } from './process.js';
export { startService, type RunningService, type ServiceDefinition } from './start-service.js';
