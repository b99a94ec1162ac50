export { startVault } from './start.js';
