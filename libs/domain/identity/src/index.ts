export { allowedTo, type AdministrationTask } from './allowed-to.js';
export { asOfNow } from './as-of-now.js';
export { connectorOf } from './connector.js';
export { creatorsForgotten, type ForgottenCreators } from './creators-forgotten.js';
export { mayBeActedFor } from './delegation.js';
export { humansShared } from './independent.js';
export { independentThenAndNow } from './independent-then-and-now.js';
export { linksBetween } from './links.js';
export {
  decideUnlock, connectorLock, lockAgainst, lockOnPerson, mayLock, refusedByLock, stillCounts, UNLOCK_PROPOSAL_MS, type LockSubject, type LockWish, type UnlockProposal, type UnlockStep,
} from './locks.js';
export { partyOf, partyOfName, type Party } from './party.js';
export { principalNamed } from './principal-named.js';
export { principalOf } from './principal-of.js';
export { Recognition, type Recognised, type RecognitionPorts } from './recognition.js';
export { rolesNow, type RolesNow } from './roles-for-a-time.js';
export { mayApproveBeside, separateWith } from './separate-with.js';
export { nameOrNothing, shownName } from './shown-name.js';
export { type TokenVerifier, type VerifiedToken } from './token.js';
