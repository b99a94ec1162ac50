export { CommandGate, type CommandRequest, type DecidedCommand } from './command-gate.js';
export { freshWordFor, isFresh, wordFor, type FreshWord } from './control-plane-watch.js';
export { park } from './parking.js';
export { type Permit, type PermitFacts } from './permit.js';
export {
  type ControlPlanePort, type ControlView, type ExchangeFacts, type GatewayPorts, type RecordingPort, type Surroundings,
} from './ports.js';
export { RecordingSpool } from './recording-spool.js';
