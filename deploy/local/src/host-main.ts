import { startHost } from './host.js';
import { isServiceName } from './services.js';

const names = process.argv.slice(2).filter(isServiceName);
const host = await startHost(names, process.env);
process.send?.({ ready: true });

let stopping: Promise<void> | undefined;
const stop = (): void => {
  stopping ??= host.close().then(() => process.exit(0), (fault: unknown) => {
    console.error(fault);
    process.exit(1);
  });
};
// `disconnect`: the supervisor is gone, and nobody would restart or stop this process.
process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
