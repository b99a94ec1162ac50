export { startAudit } from './start.js';
