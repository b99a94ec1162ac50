import { runProcess } from '@interlock/nest';
import { startConnectorPostgres } from './start.js';

await runProcess(startConnectorPostgres, process.env);
