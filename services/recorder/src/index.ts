export { startRecorder } from './start.js';
