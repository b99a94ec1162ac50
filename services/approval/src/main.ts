import { runProcess } from '@interlock/nest';
import { startApproval } from './index.js';

await runProcess(startApproval, process.env);
