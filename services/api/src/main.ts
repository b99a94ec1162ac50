import { runProcess } from '@interlock/nest';
import { startApi } from './index.js';

await runProcess(startApi, process.env);
