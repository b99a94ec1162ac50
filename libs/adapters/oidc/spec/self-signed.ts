import { createPrivateKey, createPublicKey, sign, type JsonWebKey } from 'node:crypto';

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('issuer')))));
const time = (ms: number): Buffer => der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

/** A self-signed certificate (DER, base64) of a P-256 key, in force between two times in milliseconds. */
export function selfSigned(privateJwk: object, fromMs: number, untilMs: number): string {
  const key = createPrivateKey({ key: privateJwk as JsonWebKey, format: 'jwk' });
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const body = der(0x30, der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([1])), ecdsaWithSha256, name, der(0x30, time(fromMs), time(untilMs)), name, publicKey);
  const signature = sign('sha256', body, key);
  return der(0x30, body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature)).toString('base64');
}
