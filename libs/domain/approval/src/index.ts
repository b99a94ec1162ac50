export { verifyAssertion, type Expected, type RelyingParty } from './assertion.js';
export { authenticator, authenticatorDigest, AUTHENTICATORS_PER_PERSON, type AuthenticatorCommand, type AuthenticatorEvent } from './authenticators.js';
export { approval, isOpen, quorumReached, type ApprovalCommand, type ApprovalEvent, type Holder, type Planned, type Standing } from './approval.js';
export { askedBefore, asksForTheSame, holderOf, mayComeBack, waitEndsAtMs } from './coming-back.js';
export { coveredBy, isSameRequester, PLAN_CONTEXT, PLAN_ENTRIES_MAX, placeFor, planAsk, planText, type PlanPlace } from './plan.js';
export { shownOf } from './shown.js';
export { DELEGATION_DAYS_MAX, DELEGATIONS_MAX, mayDelegate, peopleOf, seatInStead, seatOf, standsAt, voterName, type DelegationStanding, type InStead } from './delegation.js';
export { belowCeilings, shortEnough } from './ceilings.js';
export { boundFor, effectOf, rowsInWords, type Boundable } from './effect-bound.js';
