export { LedgerDamaged, type BatchSource, type ChunksChecked, type Evidence, type Finding } from './evidence.js';
export { checkEvidence, logKeyOf, type EvidenceReport } from './check.js';
export { BundleUnreadable, openBundle, writeBundle, type BundleContents, type OpenedBundle } from './bundle.js';
export { everyTilePath, sizeOf, verifierKeyOf } from './log.js';
export { producerVerifier } from '@interlock/adapter-sealing';
export { parseProof, verifyInclusion } from '@interlock/adapter-tile-log';
