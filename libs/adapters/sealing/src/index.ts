export { parseKek, unwrapAtRest, wrapAtRest } from './at-rest.js';
export { createEventOpener, createEventSeal, KEY_BYTES, openEvent, type EventOpener } from './event-seal.js';
export { keyedDigest } from './keyed-digest.js';
export { KeysUnavailable, RevealedKeys } from './revealed-keys.js';
export { seal } from './sealed-box.js';
export { generateServiceKeys, KeysUnusable, loadTrust, ServiceKeys, type ServiceKeyFile } from './service-keys.js';
export { verifySignature } from './signature.js';
export { producerVerifier, sealFor } from './trusted.js';
