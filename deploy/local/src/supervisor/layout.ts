import { join } from 'node:path';

/** Where things lie in the state folder. */
export interface Layout {
  readonly state: string;
  readonly tools: string;
  /** Scripts around programs that were fetched. */
  readonly programs: string;
  /** Keys of every service and trust.json. */
  readonly keys: string;
  /** Key-encryption keys of vault and recorder, and passwords of the databases. */
  readonly secrets: string;
  readonly tls: string;
  readonly bus: string;
  readonly databases: string;
  /** Each service makes a folder of its own below. */
  readonly services: string;
  readonly demo: string;
  readonly logs: string;
  readonly lockFile: string;
  /** Processes of the last start, so that the next one can end what a killed supervisor left behind. */
  readonly processesFile: string;
  readonly portsFile: string;
}

export function layoutOf(state: string): Layout {
  return {
    state, tools: join(state, 'tools'), programs: join(state, 'bin'), keys: join(state, 'keys'), secrets: join(state, 'secrets'), tls: join(state, 'tls'), bus: join(state, 'bus'),
    databases: join(state, 'databases'), services: join(state, 'services'), demo: join(state, 'demo'), logs: join(state, 'logs'),
    lockFile: join(state, 'run', 'lock'), processesFile: join(state, 'run', 'processes.json'), portsFile: join(state, 'ports.json'),
  };
}
