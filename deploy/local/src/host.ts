import type { Running } from '@interlock/nest';
import { loadService, type ServiceName } from './services.js';

/** Several services in one process. */
export interface Host {
  /** Closes in the opposite order of starting. */
  close(): Promise<void>;
}

/** Starts services one after the other. When one fails, those already started are closed and the fault is thrown on. */
export async function startHost(names: readonly ServiceName[], environment: NodeJS.ProcessEnv): Promise<Host> {
  const running: Running[] = [];
  const close = async (): Promise<void> => {
    for (const service of running.splice(0).toReversed()) await service.close();
  };
  try {
    for (const name of names) running.push(await (await loadService(name))(environment));
  } catch (fault) {
    await close();
    throw fault;
  }
  return { close };
}
