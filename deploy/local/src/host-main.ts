import { runProcess } from '@interlock/nest';
import { startHost } from './host.js';
import { isServiceName } from './services.js';

const names = process.argv.slice(2).filter(isServiceName);
// The supervisor is gone, and nobody else would stop this process.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

await runProcess(async (environment) => {
  const host = await startHost(names, environment);
  process.send?.({ ready: true });
  return { name: names.join('+'), close: () => host.close() };
}, process.env);
