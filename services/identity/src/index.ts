export { startIdentity } from './start.js';
