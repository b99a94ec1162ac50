export { Access, Action, Duty, FactValue, ObjectRef, Parameter, Stated } from './action.js';
export { Assertion, Authenticator, AuthenticatorAlgorithm, AuthenticatorState } from './authenticator.js';
export { ESTIMATE_FACTS, FACTS, HISTORY_FACTS, VERBS, type FactName, type FactSpec, type Verb } from './vocabulary.js';
export { GatheredFacts, HistoryFacts, ObjectClaim, ObjectState, ToldCreator } from './object.js';
export { PartyActs } from './acts.js';
export { Principal } from './principal.js';
export { Ask, AskedRisk, Decision, DecisionReason, GrantFact, WAIT_SECONDS_DEFAULT } from './decision.js';
export { Circumstances, ExercisedAct, Risk, RISK_LIMITS, RiskMeasure, RiskModel, RiskTerm, Weekday } from './risk.js';
export { Backtest, BacktestChange } from './backtest.js';
export { Explanation } from './explanation.js';
export { BoundedEffect, EffectBound, ImpactPreview, ObjectChanges, RowSample } from './impact.js';
export { ApprovalRequest, Glass, GrantHolder, GrantState, Plan, PlanEntry, Review, ShownGrant, ShownRequest, Vote } from './grant.js';
export {
  ACTORS_MAX, Bundle, Classification, ColumnTag, Configuration, type Content, ContentKind, ContentRecognizer, ContentRule, Delegation, DetokeniseRule, DynamicSeparation, Generalisation, Issuer, Masking, MaskingRule, NOTHING_TO_HIDE, PolicyFile, PrincipalEntry, Purpose, RoleEntry, SeparatedAct, Separation, SignedBundle, Target, TaskStep, TokenKind, Transform,
} from './bundle.js';
export { ClassifiedColumn, SurveyedColumn, TagProposal } from './classification.js';
export { CaseFile, CatalogSketch, PolicyCase, SketchedAccess } from './policy-cases.js';
export { Budget, BudgetMeasure, BudgetShare, BudgetState, LeasedWindow, ShownSubjects, SUBJECTS_MOST, SubjectsState } from './budget.js';
export { Chat, ChatDelivery, ChatNotice, ChatRequest, ChatRoad } from './chat.js';
export { AccessRequest, AccessState, AccessVote } from './access.js';
export { VoteDelegation } from './vote-delegation.js';
export { ChangeRecord, ChangeState, VersionTaken } from './change.js';
export { Beacon, Lock, SealedBox, SignedBeacon, Trust } from './control.js';
export { Credential, SecretKind, SecretState } from './secret.js';
export { ReleasedTokenKeys, TokenKeyLabel, TokenKeyState } from './token-key.js';
export { draft, EVENTS, type EventData, type EventType } from './events/index.js';
export { HealthReport, RPC, RUN_KEY, type RpcClient, type RpcName, type RpcRequest, type RpcResponse } from './rpc/index.js';
export { RpcRefusal } from './rpc/refusal.js';
