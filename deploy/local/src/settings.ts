import { InstallationFault } from './fault.js';

/** A TCP port of the one-machine shape: what listens there, and the variable that moves it. All listen on 127.0.0.1. */
interface PortSpec {
  readonly variable: string;
  readonly usual: number;
  readonly what: string;
  /** Written into the configuration at the first start: a later start must use the same. */
  readonly pinned: boolean;
}

export const PORTS = {
  api: { variable: 'INTERLOCK_API_PORT', usual: 8800, what: 'the API', pinned: false },
  issuer: { variable: 'INTERLOCK_ISSUER_PORT', usual: 8801, what: 'the demonstration issuer', pinned: true },
  connector: { variable: 'INTERLOCK_POSTGRES_PORT', usual: 15432, what: 'connector-postgres', pinned: false },
  target: { variable: 'INTERLOCK_TARGET_PORT', usual: 15433, what: 'the demonstration target', pinned: true },
  views: { variable: 'INTERLOCK_VIEWS_PORT', usual: 15434, what: 'the database of the views', pinned: false },
  nats: { variable: 'INTERLOCK_NATS_PORT', usual: 14222, what: 'the bus', pinned: false },
  natsMonitor: { variable: 'INTERLOCK_NATS_MONITOR_PORT', usual: 18222, what: 'the monitor of the bus', pinned: false },
} as const satisfies Record<string, PortSpec>;

export type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

const NAMES = Object.keys(PORTS) as PortName[];

/** What a start is asked to do. Read once, from the environment and the command line. */
export interface Settings {
  readonly ports: Ports;
  readonly stateOverride: string | undefined;
  /** One process per service instead of three for all. */
  readonly isolate: boolean;
  readonly path: string;
}

/** `remembered` are the ports of the last start: they are the defaults of this one. */
export function portsFrom(env: NodeJS.ProcessEnv, remembered: Partial<Ports>): Ports {
  const ports = Object.fromEntries(NAMES.map((name) => [name, portOf(name, env, remembered[name])])) as Record<PortName, number>;
  const twice = NAMES.find((name) => NAMES.some((other) => other !== name && ports[other] === ports[name]));
  if (twice !== undefined) {
    throw new InstallationFault(`Port ${ports[twice]} is named twice; ${PORTS[twice].what} needs one of its own.`, `Set ${PORTS[twice].variable} to another port.`);
  }
  return ports;
}

function portOf(name: PortName, env: NodeJS.ProcessEnv, remembered: number | undefined): number {
  const spec = PORTS[name];
  const text = env[spec.variable];
  if (text === undefined || text === '') return remembered ?? spec.usual;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InstallationFault(`${spec.variable} is no port.`, `Set it to a number between 1 and 65535, or leave it out for ${spec.usual}.`);
  }
  if (spec.pinned && remembered !== undefined && remembered !== port) {
    throw new InstallationFault(
      `This installation was made with ${spec.what} on port ${remembered}, and its configuration says so; ${spec.variable} asks for ${port}.`,
      `Leave ${spec.variable} out, or begin anew with \`npm run clean\` or another INTERLOCK_STATE_DIR.`,
    );
  }
  return port;
}

/** Connections that the demonstration target takes: each session at it has one of its own, and another while its command is looked at. */
const TARGET_CONNECTIONS = 120;

/** How many the environment asks for, in INTERLOCK_TARGET_CONNECTIONS. @throws InstallationFault where it names no such number. */
export function targetConnectionsFrom(env: NodeJS.ProcessEnv): number {
  const text = env['INTERLOCK_TARGET_CONNECTIONS'] ?? '';
  const count = text === '' ? TARGET_CONNECTIONS : Number(text);
  if (Number.isInteger(count) && count >= TARGET_CONNECTIONS && count <= 10_000) return count;
  throw new InstallationFault('INTERLOCK_TARGET_CONNECTIONS is no number of connections.', `Set it to a number between ${TARGET_CONNECTIONS} and 10000, or leave it out for ${TARGET_CONNECTIONS}.`);
}
