import { BEACON_LISTENERS, ledgerSubject, READERS, RPC_CALLERS, SERVICES, WRITERS, type ServiceName } from './permissions.js';

export interface NatsConfiguration {
  /** Address of both listeners; 127.0.0.1 by default. */
  readonly host?: string;
  readonly clientPort: number;
  /** Monitoring over HTTP; none when absent. */
  readonly monitorPort?: number;
  readonly storeDir: string;
  /** Public user key (`U...`) of every service, and of the operator. */
  readonly users: Readonly<Record<ServiceName | 'operator', string>>;
  /** `always` syncs every write before it is acknowledged. `default` (the server's two minutes) is for measuring and development. */
  readonly sync?: 'always' | 'default';
  /** Ceiling for all streams together, bytes; {@link MAX_FILE_STORE_BYTES} when absent. */
  readonly maxFileStoreBytes?: number;
}

interface Share {
  readonly kind: 'service' | 'stream';
  readonly subject: string;
  readonly owner: string;
  readonly users: readonly ServiceName[];
}

/**
 * Streams reserve their size from this ceiling. It is named, because the server's own default is three quarters of what the
 * disk has free at that moment, so that a start on a fuller disk would fail. A full disk refuses appends all the same.
 */
const MAX_FILE_STORE_BYTES = 256 * 1024 ** 3;
/** Account of the streams: the operator's, no service's. */
const STREAMS = 'STREAMS';
const SYSTEM = 'SYS';

/**
 * The configuration file of the bus: streams in an account of their own, one account and one key per service, and exactly
 * the imports that `permissions.ts` names (https://docs.nats.io/running-a-nats-service/configuration/securing_nats/accounts).
 */
export function natsConfiguration(options: NatsConfiguration): string {
  const host = options.host ?? '127.0.0.1';
  const shares = allShares();
  return [
    '# Written by the operator step from permissions.ts. Changes are lost at the next start.',
    `listen: ${quoted(`${host}:${options.clientPort}`)}`,
    ...(options.monitorPort === undefined ? [] : [`http: ${quoted(`${host}:${options.monitorPort}`)}`]),
    'max_payload: 1048576',
    ...jetStreamLines(options),
    `system_account: ${SYSTEM}`,
    'accounts {',
    ...accountLines(SYSTEM, [], shares),
    ...accountLines(STREAMS, [options.users.operator], shares, ['jetstream: enabled']),
    ...SERVICES.flatMap((service) => accountLines(accountOf(service), [options.users[service]], shares)),
    '}',
    '',
  ].join('\n');
}

/** Name of a service's account. */
export function accountOf(service: ServiceName): string {
  return service.toUpperCase();
}

function jetStreamLines(options: NatsConfiguration): string[] {
  return [
    'jetstream {',
    `  store_dir: ${quoted(options.storeDir)}`,
    ...(options.sync === 'default' ? [] : ['  sync_interval: always']),
    `  max_file_store: ${options.maxFileStoreBytes ?? MAX_FILE_STORE_BYTES}`,
    '}',
  ];
}

function allShares(): Share[] {
  return [...ledgerShares(), ...streamShares(), ...rpcShares(), ...systemShares()];
}

/** Every service appends on its own subjects, and reads its own last message back after a lost answer. */
function ledgerShares(): Share[] {
  return SERVICES.flatMap((service) => [
    { kind: 'service' as const, subject: ledgerSubject(service), owner: STREAMS, users: [service] },
    { kind: 'service' as const, subject: `$JS.API.DIRECT.GET.LEDGER.${ledgerSubject(service)}`, owner: STREAMS, users: [service] },
  ]);
}

/**
 * Streams are read by direct get only: a question with an answer, which leaves nothing on the server. A service that may create
 * consumers could make any number of them, and would name their delivery subjects inside the account of the streams.
 */
function streamShares(): Share[] {
  const writes = Object.entries(WRITERS).map(([subject, users]) => ({ kind: 'service' as const, subject, owner: STREAMS, users }));
  const reads = Object.entries(READERS).flatMap(([stream, users]) => [
    { kind: 'service' as const, subject: `$JS.API.DIRECT.GET.${stream}`, owner: STREAMS, users },
    { kind: 'service' as const, subject: `$JS.API.DIRECT.GET.${stream}.>`, owner: STREAMS, users },
  ]);
  return [...writes, ...reads];
}

function rpcShares(): Share[] {
  const requests = Object.entries(RPC_CALLERS).map(([name, users]): Share => ({
    kind: 'service', subject: `rpc.${name}`, owner: accountOf(name.slice(0, name.indexOf('.')) as ServiceName), users,
  }));
  return [...requests, { kind: 'stream', subject: 'beacon', owner: accountOf('identity'), users: BEACON_LISTENERS }];
}

/** A service learns from the servers themselves, over the connection it will use, whether they sync every write. */
function systemShares(): Share[] {
  return [{ kind: 'service', subject: '$SYS.REQ.SERVER.PING.JSZ', owner: SYSTEM, users: SERVICES }];
}

function accountLines(account: string, nkeys: readonly string[], shares: readonly Share[], settings: readonly string[] = []): string[] {
  return [
    `  ${quoted(account)} {`,
    ...settings.map((line) => `    ${line}`),
    ...(nkeys.length === 0 ? [] : [`    users: [ ${nkeys.map((nkey) => `{ nkey: ${nkey} }`).join(', ')} ]`]),
    ...block('exports', shares.filter((share) => share.owner === account).map(exportLine)),
    ...block('imports', shares.filter((share) => share.users.some((user) => accountOf(user) === account)).map(importLine)),
    '  }',
  ];
}

function block(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`    ${name}: [`, ...lines.map((line) => `      ${line}`), '    ]'];
}

function exportLine(share: Share): string {
  const accounts = share.users.map((user) => quoted(accountOf(user))).join(', ');
  const stream = share.subject.startsWith('$SYS.') ? ', response_type: stream' : '';
  return `{ ${share.kind}: ${quoted(share.subject)}, accounts: [${accounts}]${stream} }`;
}

function importLine(share: Share): string {
  return `{ ${share.kind}: { account: ${quoted(share.owner)}, subject: ${quoted(share.subject)} } }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
