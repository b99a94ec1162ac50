import { runProcess } from '@interlock/nest';
import { startMasking } from './index.js';

await runProcess(startMasking, process.env);
