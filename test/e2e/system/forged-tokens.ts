import { createPrivateKey, generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './installation.js';

interface Claims { readonly [claim: string]: unknown }

/** Tokens as an attacker would make them, beside one that the issuer's real key signs. */
export class Forgery {
  readonly #kid: string;
  readonly #issuerKey: KeyObject;

  constructor(private readonly place: Place) {
    const [jwk] = JSON.parse(readFileSync(join(place.state, 'demo', 'issuer-keys.json'), 'utf8')) as (JsonWebKey & { readonly kid: string })[];
    this.#kid = jwk!.kid;
    this.#issuerKey = createPrivateKey({ key: jwk!, format: 'jwk' });
  }

  claims(more: Claims = {}): Claims {
    const now = Math.floor(Date.now() / 1_000);
    return { iss: `http://127.0.0.1:${this.place.ports.issuer}`, aud: 'interlock', sub: 'agent-etl', client_id: 'agent-etl', iat: now, exp: now + 600, jti: `t${now}`, ...more };
  }

  /** By the issuer itself: whatever is wrong with it is in its claims or header. */
  signed(claims: Claims = this.claims(), header: Claims = {}): string {
    return seal({ alg: 'EdDSA', typ: 'at+jwt', kid: this.#kid, ...header }, claims, this.#issuerKey);
  }

  /** By a key of the attacker's own, under the issuer's key id. */
  foreign(): string {
    return seal({ alg: 'EdDSA', typ: 'at+jwt', kid: this.#kid }, this.claims(), generateKeyPairSync('ed25519').privateKey);
  }

  unsigned(alg: string): string {
    return `${part({ alg, typ: 'at+jwt' })}.${part(this.claims())}.`;
  }

  /** A true token whose claims were changed afterwards. */
  changed(): string {
    const [header, , signature] = this.signed().split('.');
    return `${header}.${part(this.claims({ sub: 'dba' }))}.${signature}`;
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function seal(header: object, claims: object, key: KeyObject): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}
