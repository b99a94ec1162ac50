export { startPolicy } from './start.js';
