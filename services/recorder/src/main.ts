import { runProcess } from '@interlock/nest';
import { startRecorder } from './start.js';

await runProcess(startRecorder, process.env);
