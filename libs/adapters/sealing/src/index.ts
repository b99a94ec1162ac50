export { parseKek, unwrapAtRest, wrapAtRest } from './at-rest.js';
export { createEventSeal, KEY_BYTES, openEvent } from './event-seal.js';
export { seal } from './sealed-box.js';
export { generateServiceKeys, KeysUnusable, loadTrust, ServiceKeys, type ServiceKeyFile } from './service-keys.js';
export { verifySignature } from './signature.js';
export { producerVerifier, sealFor } from './trusted.js';
