import { runProcess } from '@interlock/nest';
import { startIdentity } from './start.js';

await runProcess(startIdentity, process.env);
