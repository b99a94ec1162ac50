import { runProcess } from '@interlock/nest';
import { startAudit } from './start.js';

await runProcess(startAudit, process.env);
