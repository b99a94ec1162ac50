import type net from 'node:net';
import tls from 'node:tls';
import { accepted, refused, unreachable, type Outcome } from '@interlock/kernel';
import {
  backendTypes, decodeBackend, encodeFrontend, encodeStartupMessage, FrameReader, SCRAM_SHA_256, scramAnswer, scramBegin, scramChallenge, scramKeys, scramVerify,
  type Authentication, type BackendMessage, type ScramAnswered, type ScramBegun,
} from '@interlock/protocol-postgres';
import type { Dialling } from './upstream.js';

/** The gateway's own identity at a target. Never logged, never in an event. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

/** What the target said while it let us in. */
export interface LoggedIn {
  readonly parameters: ReadonlyMap<string, string>;
  readonly processId: number;
  readonly cancelKey: Buffer;
}

type Step = 'waiting' | 'done' | Outcome<never>;

/** Logs in: SCRAM-SHA-256, or a password in clear over TLS. MD5 is refused. Refuses with `target_refused`. */
export function login(socket: net.Socket, dialling: Dialling): Promise<Outcome<LoggedIn>> {
  const { target, credential, parameters } = dialling;
  const entrance = new Entrance(socket, dialling);
  socket.write(encodeStartupMessage([['user', credential.user], ['database', target.database], ...parameters]));
  return new Promise((resolve) => {
    const end = (outcome: Outcome<LoggedIn>): void => {
      socket.removeListener('data', onData);
      socket.removeListener('close', onClose);
      socket.pause();
      resolve(outcome);
    };
    const onClose = (): void => end(refusedBy(target.name, 'it closed the connection'));
    const onData = (chunk: Buffer): void => {
      const step = entrance.take(chunk);
      if (step === 'done') end(accepted(entrance.loggedIn()));
      else if (step !== 'waiting') end(step);
    };
    socket.on('data', onData);
    socket.on('close', onClose);
    socket.resume();
  });
}

class Entrance {
  readonly #reader = new FrameReader(backendTypes());
  readonly #parameters = new Map<string, string>();
  #processId = 0;
  #cancelKey: Buffer = Buffer.alloc(0);
  #begun: ScramBegun | undefined;
  #answered: ScramAnswered | undefined;
  #proved = false;
  #admitted = false;

  constructor(private readonly socket: net.Socket, private readonly dialling: Dialling) {}

  loggedIn(): LoggedIn {
    return { parameters: this.#parameters, processId: this.#processId, cancelKey: this.#cancelKey };
  }

  take(chunk: Buffer): Step {
    const reader = this.#reader;
    reader.push(chunk);
    for (let found = reader.next(); found !== 'more'; found = reader.next()) {
      if (found !== 'frame') return this.#refuse('it does not speak the protocol');
      const decoded = decodeBackend(reader.type, reader.buffer, reader.payloadStart, reader.end);
      const step = decoded.ok ? this.#hear(decoded.value) : this.#refuse('it does not speak the protocol');
      if (step !== 'waiting') return step;
    }
    return 'waiting';
  }

  #hear(message: BackendMessage): Step {
    switch (message.kind) {
      case 'errorResponse':
        return this.#refuse(`it answered ${message.fields.code}`);
      case 'noticeResponse':
      case 'negotiateProtocolVersion':
        return 'waiting';
      case 'parameterStatus':
        this.#parameters.set(message.name, message.value);
        return 'waiting';
      case 'backendKeyData':
        this.#processId = message.processId;
        this.#cancelKey = Buffer.from(message.key);
        return 'waiting';
      case 'readyForQuery':
        return this.#admitted ? 'done' : this.#refuse('it does not speak the protocol');
      default:
        return message.kind.startsWith('authentication') ? this.#authenticate(message as Authentication) : this.#refuse('it does not speak the protocol');
    }
  }

  #authenticate(message: Authentication): Step {
    switch (message.kind) {
      case 'authenticationOk':
        return this.#admit();
      case 'authenticationCleartextPassword':
        return this.#sendPassword();
      case 'authenticationSasl':
        return this.#begin(message.mechanisms);
      case 'authenticationSaslContinue':
        return this.#answer(message.data);
      case 'authenticationSaslFinal':
        return this.#verify(message.data);
      case 'authenticationMd5Password':
        return this.#refuse('it asks for an MD5 password, which is refused; let its role have a SCRAM-SHA-256 password');
      case 'authenticationKerberosV5':
      case 'authenticationGss':
      case 'authenticationGssContinue':
      case 'authenticationSspi':
        return this.#refuse('it asks for a kind of authentication that the gateway does not have');
      default:
        return unreachable(message);
    }
  }

  /** A server that began SCRAM and has not proved itself is not the target. */
  #admit(): Step {
    if (this.#begun && !this.#proved) return this.#refuse('it did not prove that it knows the password');
    this.#admitted = true;
    return 'waiting';
  }

  #sendPassword(): Step {
    if (!(this.socket instanceof tls.TLSSocket)) return this.#refuse('it asks for the password in clear without TLS');
    this.socket.write(encodeFrontend({ kind: 'password', password: this.dialling.credential.password }));
    return 'waiting';
  }

  #begin(mechanisms: readonly string[]): Step {
    const begun = this.#begun ? undefined : scramBegin({ mechanisms: mechanisms.filter((name) => name === SCRAM_SHA_256), nonce: this.dialling.nonce });
    if (!begun?.ok) return this.#refuse('it offers no SCRAM-SHA-256');
    this.#begun = begun.value.begun;
    this.socket.write(encodeFrontend({ kind: 'saslInitialResponse', mechanism: begun.value.begun.mechanism, response: begun.value.response }));
    return 'waiting';
  }

  #answer(data: Buffer): Step {
    const challenge = this.#begun && !this.#answered ? scramChallenge(this.#begun, data) : undefined;
    if (!challenge?.ok) return this.#refuse(`its SCRAM challenge is not acceptable${challenge ? ` (${challenge.violation.reason})` : ''}`);
    const keys = scramKeys(this.dialling.credential.password, challenge.value.salt, challenge.value.iterations);
    const { response, answered } = scramAnswer(challenge.value, keys);
    this.#answered = answered;
    this.socket.write(encodeFrontend({ kind: 'saslResponse', response }));
    return 'waiting';
  }

  #verify(data: Buffer): Step {
    const verified = this.#answered && scramVerify(this.#answered, data);
    if (!verified?.ok) return this.#refuse('it did not prove that it knows the password');
    this.#proved = true;
    return 'waiting';
  }

  #refuse(why: string): Outcome<never> {
    return refusedBy(this.dialling.target.name, why);
  }
}

function refusedBy(target: string, why: string): Outcome<never> {
  return refused('target_refused', `The target ${target} did not let the gateway in: ${why}.`, { hint: 'Whoever runs Interlock has to look at the credential of this target.' });
}
