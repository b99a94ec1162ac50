import { runProcess } from '@interlock/nest';
import { startVault } from './start.js';

await runProcess(startVault, process.env);
