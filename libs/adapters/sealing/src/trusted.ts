import type { VerifyProducer } from '@interlock/kernel';
import type { SealedBox, Trust } from '@interlock/contracts';
import { seal } from './sealed-box.js';
import { verifySignature } from './signature.js';

/** A box that only this service of the installation can open. @throws Error when trust.json does not name it: there is nobody to seal to. */
export function sealFor(trust: Trust, service: string, purpose: string, bytes: Uint8Array): SealedBox {
  const receiver = Object.hasOwn(trust.services, service) ? trust.services[service] : undefined;
  if (!receiver) throw new Error(`trust.json names no ${service}`);
  return seal(receiver.sealingKey, purpose, bytes);
}

/** Checks the signatures of batches by the keys of trust.json; a producer that it does not name has signed nothing. */
export function producerVerifier(trust: Trust): VerifyProducer {
  return (producer, text, signature) => Object.hasOwn(trust.services, producer) && verifySignature(trust.services[producer]!.signingKey, text, signature);
}
