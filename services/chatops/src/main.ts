import { runProcess } from '@interlock/nest';
import { startChatops } from './index.js';

await runProcess(startChatops, process.env);
