import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, importSPKI, SignJWT, type CryptoKey, type JWK } from 'jose';

/** A key pair of the issuer with the public key as its key set shows it. */
export interface IssuerKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKey(alg: string, kid: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  // By way of a copy: Node 20 can stand still while it writes a key as a JSON Web Key and collects the job that generated it.
  const copy = await importSPKI(await exportSPKI(publicKey), alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(copy)), kid, alg, use: 'sig' } };
}

/** A real OpenID issuer on this machine: discovery and key set over HTTP; every part of it can be bent by a test. */
export class LocalIssuer {
  keys: unknown[] = [];
  readonly requests: string[] = [];
  metadata: (own: { readonly issuer: string; readonly jwks_uri: string }) => object = (own) => own;
  /** Answers instead of the documents when set. */
  answer: ((path: string) => { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } | 'silence' | undefined) | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.requests.push(path);
      const own = this.answer?.(path);
      if (own === 'silence') return;
      const body = own?.body ?? JSON.stringify(this.#document(path));
      response.writeHead(own?.status ?? 200, { 'content-type': 'application/json', ...own?.headers }).end(body);
    });
  }

  static async start(): Promise<LocalIssuer> {
    const issuer = new LocalIssuer();
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Signs the claims as they are, with this header. */
  sign(key: IssuerKey, claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: key.jwk.alg!, kid: key.jwk.kid!, ...header } as { alg: string }).sign(key.privateKey);
  }

  #document(path: string): object {
    if (path === '/.well-known/openid-configuration') return this.metadata({ issuer: this.url, jwks_uri: `${this.url}/jwks` });
    return { keys: this.keys };
  }
}
