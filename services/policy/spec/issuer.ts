import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small OIDC issuer of one EdDSA key, on loopback. */
export class TestIssuer {
  readonly #key: KeyObject;
  readonly #server: Server;

  private constructor(key: KeyObject, server: Server) {
    this.#key = key;
    this.#server = server;
  }

  static async start(): Promise<TestIssuer> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'EdDSA' };
    const server = createServer((request, response) => {
      const base = urlOf(server);
      const document = request.url === '/.well-known/openid-configuration' ? { issuer: base, jwks_uri: `${base}/jwks` } : { keys: [jwk] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestIssuer(privateKey, server);
  }

  get url(): string {
    return urlOf(this.#server);
  }

  token(subject: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'EdDSA', kid: 'k1', typ: 'at+jwt' })}.${part({ iss: this.url, aud: 'interlock', sub: subject, iat: now, nbf: now, exp: now + 300 })}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.#key).toString('base64url')}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
