import { runProcess } from '@interlock/nest';
import { startPolicy } from './index.js';

await runProcess(startPolicy, process.env);
