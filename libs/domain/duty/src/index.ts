export { CLAIM_MS, creation, creatorsOf, factsOf, standingClaims, toldCreators, UNCLEAR, worstOf, type CreationCommand, type CreationEvent, type ObjectHistory } from './creation.js';
export { factsWithoutHistory } from './without-history.js';
export { exclusion, isCovered, standingBehind, type ExerciseCommand, type ExerciseEvent, type PartyAct } from './exclusion.js';
