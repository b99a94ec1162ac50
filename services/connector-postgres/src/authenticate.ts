import { accepted, LedgerUnavailable, refused, type EventSeal, type Outcome } from '@interlock/kernel';
import { Credential, type Configuration, type Principal, type RpcRequest, type SealedBox, type Stated, type Target } from '@interlock/contracts';
import { purposeFor } from '@interlock/domain-masking';
import type { StartupMessage } from '@interlock/protocol-postgres';
import type { TargetCatalog } from './catalog.js';
import type { ConnectorPorts } from './connector-ports.js';
import { ProbeFailed } from './conversation.js';
import { permitProbes, runProbe } from './probe.js';
import type { PostgresRefusal } from './refuse.js';
import { CONTEXT_PURPOSE, CONTEXT_QUERY, SessionContext } from './session-context.js';
import { purposeAtStartup, statedAtStartup, targetParameters } from './startup-parameters.js';
import { Upstream } from './upstream.js';

/** What a client said to be let in. */
export interface Hello {
  readonly startup: StartupMessage;
  /** The OIDC access token. Never logged, never in an event. */
  readonly token: string;
  readonly clientAddress: string;
  readonly minorVersion: number;
}

/** Someone who may come in, with the target already entered for them. */
export interface Admission {
  readonly session: string;
  readonly exchange: string;
  readonly principal: Principal;
  readonly target: Target;
  readonly tokenExpiresAtMs: number;
  /** The token, sealed to approval. */
  readonly word: SealedBox;
  readonly clientAddress: string;
  readonly clientApplication?: string;
  readonly minorVersion: number;
  /** What the connection states of all its commands. */
  readonly stated?: Stated;
  /** What the connection is for, where its principal may say so. */
  readonly purpose?: string;
  readonly seal: EventSeal;
  readonly upstream: Upstream;
  readonly catalog: TargetCatalog;
  readonly context: SessionContext;
  /** Enters the target anew with the rights of this session, or the elevated ones of one grant, for which the vault is asked; beside its client's, with these startup parameters. */
  readonly dial: Dial;
  /** Since when it is being let in, by the clock of traces. */
  readonly sinceMs: number;
}

export type Dial = (parameters: Iterable<readonly [string, string]>, grant?: string) => Promise<Outcome<Upstream>>;

type Admitted<T> = Outcome<T, PostgresRefusal>;

/** Token -> principal, target, credential, and an entered target. Nothing is said to the client here. */
export async function authenticate(ports: ConnectorPorts, hello: Hello): Promise<Admitted<Admission>> {
  const inForce = await ports.watch.whenFresh();
  if (!inForce.ok) return inForce;
  const parameters = targetParameters(hello.startup.parameters);
  if (!parameters.ok) return parameters;
  const stated = statedAtStartup(hello.startup.parameters);
  if (!stated.ok) return stated;
  const session = `s-${ports.newId()}`;
  const { configuration } = inForce.value.bundle;
  return traced(ports, session, (sinceMs) => admit(ports, hello, { session, configuration, sinceMs, parameters: parameters.value, stated: stated.value }));
}

/** The session's trace begins; it ends here when nobody is let in. */
async function traced<T>({ tracing, connector }: ConnectorPorts, session: string, work: (sinceMs: number) => Promise<Admitted<T>>): Promise<Admitted<T>> {
  const fromMs = tracing.nowMs();
  const admitted = await tracing.span('connect', { session, connector }, () => work(fromMs), tracing.placeOf(session));
  if (!admitted.ok) tracing.tell({ of: session, name: 'session', attributes: { session, connector, reason: admitted.refusal.reason }, fromMs, toMs: tracing.nowMs(), isRoot: true });
  return admitted;
}

interface Asked {
  readonly session: string;
  readonly configuration: Configuration;
  readonly sinceMs: number;
  readonly parameters: ReadonlyMap<string, string>;
  readonly stated: Stated | undefined;
}

async function admit(ports: ConnectorPorts, hello: Hello, { session, configuration, sinceMs, parameters, stated }: Asked): Promise<Admitted<Admission>> {
  const recognised = await recognise(ports, hello, session);
  if (!recognised.ok) return recognised;
  const target = configuration.targets.find((one) => one.name === hello.startup.database && one.protocol === 'postgres');
  if (!target) return noTarget(hello.startup.database);
  const said = purposeAtStartup(hello.startup.parameters);
  const purpose = said === undefined ? accepted(undefined) : purposeFor(configuration, said, recognised.value.principal.roles);
  if (!purpose.ok) return purpose;
  const entering = new Entering(ports, hello.token, session, target);
  const entered = await entering.enter(parameters);
  if (!entered.ok) return entered;
  const clientApplication = hello.startup.parameters.get('application_name');
  return accepted({
    ...recognised.value, ...entered.value, dial: (more, grant) => entering.dialBeside(new Map([...parameters, ...more]), grant), session, sinceMs, exchange: `${session}.1`, target, clientAddress: hello.clientAddress, minorVersion: hello.minorVersion,
    ...(stated && { stated }),
    ...(purpose.value !== undefined && { purpose: purpose.value }),
    ...(clientApplication ? { clientApplication: clientApplication.slice(0, 200) } : {}),
  });
}

async function recognise(ports: ConnectorPorts, { token, startup, clientAddress }: Hello, session: string): Promise<Admitted<Pick<Admission, 'principal' | 'tokenExpiresAtMs' | 'word'>>> {
  const sealed = ports.seals.seal('identity', 'token', Buffer.from(token));
  const who = await ports.rpc.call('identity.authenticate', { token: sealed, session, connector: ports.connector, instance: ports.instance, target: startup.database, clientAddress });
  if (!who.ok) return who;
  const { principal, expiresAt } = who.value;
  if (principal.name !== startup.user) return refused('user_mismatch', 'The token belongs to another principal than the user name says.', { hint: 'Connect with the name of the principal whose token you send.' });
  const tokenExpiresAtMs = Date.parse(expiresAt);
  return tokenExpiresAtMs > ports.clock.nowMs() ? accepted({ principal, tokenExpiresAtMs, word: ports.seals.seal('approval', 'token', Buffer.from(token)) }) : refused('token_expired', 'The token has expired.', { hint: 'Get a new one.' });
}

function noTarget(name: string): Admitted<never> {
  return refused('target_unknown', `There is no target ${JSON.stringify(name.slice(0, 63))}.`, { hint: 'The database name is the name of a target in the configuration.' });
}

interface Entered {
  readonly seal: EventSeal;
  readonly upstream: Upstream;
  readonly catalog: TargetCatalog;
  readonly context: SessionContext;
}

export type EnteringPorts = Pick<ConnectorPorts, 'catalogs' | 'keys' | 'seals' | 'rpc' | 'clock' | 'random' | 'ledger' | 'connector' | 'instance'>;

/** Everything a session needs of the target and of the house, gathered side by side; let go of again when one of it fails. */
export class Entering {
  readonly #ports: EnteringPorts;
  readonly #token: string;
  readonly #session: string;
  readonly #target: Target;

  constructor(ports: EnteringPorts, token: string, session: string, target: Target) {
    this.#ports = ports;
    this.#token = token;
    this.#session = session;
    this.#target = target;
  }

  async enter(parameters: ReadonlyMap<string, string>): Promise<Admitted<Entered>> {
    const probe = await this.#release('probe');
    if (!probe.ok) return probe;
    const catalog = this.#use(probe.value);
    const [seal, upstream, read] = await Promise.all([this.#ports.keys.create(this.#session, `${this.#session}.1`), this.dialBeside(parameters), this.#catalog(catalog)]);
    const context = upstream.ok && seal.ok && read.ok ? await this.#context(upstream.value) : undefined;
    if (upstream.ok && seal.ok && read.ok && context?.ok) return accepted({ seal: seal.value, upstream: upstream.value, catalog, context: context.value });
    catalog.leave();
    if (upstream.ok) upstream.value.socket.destroy();
    return [upstream, seal, read, context].find((one) => one !== undefined && !one.ok) as Admitted<never>;
  }

  /** What probes of a target's data need: the catalog, to be left afterwards, and a connection that may read what sessions may, and write nothing. */
  async enterToProbe(): Promise<Outcome<Pick<Entered, 'upstream' | 'catalog'>>> {
    const probe = await this.#release('probe');
    if (!probe.ok) return probe;
    const upstream = await this.dialBeside(PROBE_PARAMETERS);
    return upstream.ok ? accepted({ upstream: upstream.value, catalog: this.#use(probe.value) }) : upstream;
  }

  #use(probe: Credential): TargetCatalog {
    const catalog = this.#ports.catalogs.of(this.#target);
    catalog.use(() => this.#dial(probe, PROBE_PARAMETERS));
    return catalog;
  }

  async #catalog(catalog: TargetCatalog): Promise<Outcome<unknown>> {
    const known = catalog.now();
    return known ? accepted(known) : catalog.load();
  }

  async dialBeside(parameters: ReadonlyMap<string, string>, grant?: string): Promise<Outcome<Upstream>> {
    const credential = await this.#release(grant === undefined ? 'standing' : 'elevated', grant);
    return credential.ok ? this.#dial(credential.value, parameters) : credential;
  }

  #dial(credential: Credential, parameters: ReadonlyMap<string, string>): Promise<Outcome<Upstream>> {
    const { clock, random } = this.#ports;
    return Upstream.dial({ target: this.#target, credential, parameters, nonce: random(18).toString('base64'), nowMs: () => clock.nowMs() });
  }

  async #release(kind: RpcRequest<'vault.release'>['kind'], grant?: string): Promise<Outcome<Credential>> {
    const { seals, rpc, connector, instance } = this.#ports;
    const token = seals.seal('vault', 'token', Buffer.from(this.#token));
    const released = await rpc.call('vault.release', { token, session: this.#session, connector, instance, target: this.#target.name, kind, ...(grant !== undefined && { grant }) });
    if (!released.ok) return released;
    const opened = seals.open(released.value.credential, 'credential');
    return opened.ok ? readCredential(opened.value, kind, this.#target.name) : opened;
  }

  /** The target's own word about where names are looked up and who the gateway is there. */
  async #context(upstream: Upstream): Promise<Outcome<SessionContext>> {
    const { clock, ledger } = this.#ports;
    const { parameters } = upstream.loggedIn;
    if (parameters.get('client_encoding') !== 'UTF8' || parameters.get('standard_conforming_strings') !== 'on') {
      return refused('target_refused', `The target ${this.#target.name} does not keep client_encoding UTF8 and standard_conforming_strings on, by which statements are read.`);
    }
    try {
      const [probe] = await permitProbes({ ledger, nowMs: () => clock.nowMs() }, this.#target.name, CONTEXT_PURPOSE, [CONTEXT_QUERY], this.#session);
      return accepted(new SessionContext((await runProbe(upstream, probe!)).rows(), parameters));
    } catch (fault) {
      if (fault instanceof LedgerUnavailable) return refused('ledger_unavailable', 'The ledger did not acknowledge in time.', { retryable: true, hint: 'Connect again.' });
      if (fault instanceof ProbeFailed) return refused('target_unreachable', `The target ${this.#target.name} does not answer: ${fault.message}.`, { retryable: true });
      throw fault;
    }
  }
}

const PROBE_PARAMETERS = new Map([['client_encoding', 'UTF8'], ['application_name', 'interlock probe'], ['default_transaction_read_only', 'on'], ['statement_timeout', '15000']]);

/** JSON `{ user, password }`, as the vault sealed it. What it holds instead is in no error: a parser quotes what it read. */
function readCredential(bytes: Buffer, kind: string, target: string): Outcome<Credential> {
  const malformed = refused('credential_malformed', `The ${kind} credential of target ${target} cannot be read.`, { hint: `Set it anew with: interlock secrets set ${target} --user USER --kind ${kind}` });
  try {
    const credential = Credential.safeParse(JSON.parse(bytes.toString('utf8')));
    return credential.success ? accepted(credential.data) : malformed;
  } catch {
    return malformed;
  }
}
