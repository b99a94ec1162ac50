export { startPolicy } from './start.js';
export { readConfiguration, type ReadConfiguration } from './configuration/read-configuration.js';
