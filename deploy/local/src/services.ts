import type { Running } from '@interlock/nest';

/** Where each service's start function is. They are loaded by name, so a process loads only what it hosts. */
export const SERVICE_DOORS = {
  recorder: { module: '@interlock/service-recorder', start: 'startRecorder' },
  audit: { module: '@interlock/service-audit', start: 'startAudit' },
  identity: { module: '@interlock/service-identity', start: 'startIdentity' },
  masking: { module: '@interlock/service-masking', start: 'startMasking' },
  policy: { module: '@interlock/service-policy', start: 'startPolicy' },
  approval: { module: '@interlock/service-approval', start: 'startApproval' },
  vault: { module: '@interlock/service-vault', start: 'startVault' },
  api: { module: '@interlock/service-api', start: 'startApi' },
  chatops: { module: '@interlock/service-chatops', start: 'startChatops' },
  'connector-postgres': { module: '@interlock/connector-postgres', start: 'startConnectorPostgres' },
} as const;

export type ServiceName = keyof typeof SERVICE_DOORS;

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(SERVICE_DOORS, name);
}

/** Processes of the one-machine shape, in starting order: who comes later needs who came before. */
export const HOSTS: Readonly<Record<string, readonly ServiceName[]>> = {
  recorder: ['recorder', 'audit', 'policy'],
  control: ['identity', 'masking', 'approval', 'vault', 'api', 'chatops'],
  connectors: ['connector-postgres'],
};

/** The same with one process per service. */
export const ISOLATED_HOSTS: Readonly<Record<string, readonly ServiceName[]>> = Object.fromEntries(
  Object.values(HOSTS).flat().map((name) => [name, [name]]),
);

type Start = (environment: NodeJS.ProcessEnv) => Promise<Running>;

/** Loads one service's door. Faults when the package lacks its start function. */
export async function loadService(name: ServiceName): Promise<Start> {
  const { module, start } = SERVICE_DOORS[name];
  const door = (await import(module)) as Record<string, unknown>;
  const found = door[start];
  if (typeof found !== 'function') throw new Error(`${module} has no ${start}`);
  return found as Start;
}
