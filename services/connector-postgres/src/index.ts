export { startConnectorPostgres } from './start.js';
export { Connector, type Outside } from './connector.js';
export { type ListenerOptions } from './listener.js';
export { survey, type SurveyPorts } from './survey.js';
