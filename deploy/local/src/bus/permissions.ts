import type { RpcName } from '@interlock/contracts';

/**
 * Who may reach what on the bus: the whole truth, as data. `configuration.ts` turns it into accounts, exports and
 * imports; what is not in these tables does not exist for a service.
 *
 * Every service lives in a NATS account of its own, so a subject means nothing outside it unless it is imported here.
 * Permissions inside one account would not do: the server does not check them on a reply subject, so a service could
 * have an acknowledgement stored on another's subject.
 */
export const SERVICES = ['identity', 'policy', 'approval', 'masking', 'vault', 'recorder', 'audit', 'api', 'connector-postgres', 'chatops'] as const;
export type ServiceName = (typeof SERVICES)[number];

const ALL: readonly ServiceName[] = SERVICES;
const CONNECTORS: readonly ServiceName[] = ['connector-postgres'];
const others = (service: ServiceName): readonly ServiceName[] => ALL.filter((other) => other !== service);

/** Who may ask what. The owner is the name before the dot; it serves the verb and needs no entry. */
export const RPC_CALLERS = {
  'identity.authenticate': CONNECTORS,
  'identity.whoami': ['api'],
  'identity.lock': ['api'],
  'identity.unlock': ['api'],
  'identity.lockConnector': ['policy'],
  'identity.lockUnreviewed': ['approval'],
  'identity.liftReviewed': ['approval'],
  'identity.locks': ['api'],
  'vault.release': CONNECTORS,
  'vault.setSecret': ['api'],
  'vault.listSecrets': ['api'],
  'vault.elevatedTargets': ['policy'],
  'vault.authenticators': ['api'],
  'vault.proposeAuthenticator': ['api'],
  'vault.confirmAuthenticator': ['api'],
  'vault.revokeAuthenticator': ['api'],
  'vault.checkSignature': ['approval'],
  'policy.propose': ['api'],
  'policy.decideChange': ['api'],
  'policy.changes': ['api'],
  'policy.change': ['api'],
  'policy.explain': ['api'],
  'policy.foresee': ['approval'],
  'policy.backtest': ['api'],
  'policy.secondDecisions': ['api'],
  'policy.configuration': ['api'],
  'masking.compile': ['policy'],
  'masking.classify': ['api'],
  'masking.coverage': ['api'],
  'connector-postgres.survey': ['masking'],
  'masking.releaseKeys': CONNECTORS,
  'masking.keys': ['api'],
  'masking.rotateKey': ['api'],
  'masking.detokenise': ['api'],
  'approval.request': CONNECTORS,
  'approval.breakGlass': CONNECTORS,
  'approval.withdraw': CONNECTORS,
  'approval.plan': ['api'],
  'approval.takeBack': ['api'],
  'approval.review': ['api'],
  'approval.delegate': ['api'],
  'approval.delegations': ['api'],
  'approval.revokeDelegation': ['api'],
  'approval.requestAccess': ['api'],
  'approval.access': ['api'],
  'approval.voteAccess': ['api'],
  'approval.endAccess': ['api'],
  'approval.vote': ['api'],
  'approval.voteMany': ['api'],
  'approval.list': ['api'],
  'approval.show': ['api'],
  'approval.changes': ['api'],
  'approval.notices': ['chatops'],
  'approval.chatDecision': ['chatops'],
  'recorder.registerKey': others('recorder'),
  'recorder.revealKeys': ['audit'],
  'recorder.revealDecisionKeys': ['policy'],
  'recorder.revealApprovalKeys': ['vault'],
  'recorder.checkpoint': ['audit', 'api'],
  'recorder.tile': ['audit', 'api'],
  'recorder.prove': ['audit', 'api'],
  'recorder.status': ['audit', 'api'],
  'audit.sessions': ['api'],
  'audit.session': ['api'],
  'audit.replay': ['api'],
  'audit.answer': ['api'],
  'audit.command': ['api'],
  'audit.budgets': ['api'],
  'audit.explain': ['api'],
  'audit.verify': ['api'],
  'audit.evidence': ['api'],
  'audit.batches': ['api'],
  'audit.rebuild': ['api'],
  'audit.status': ['api'],
  'identity.health': ['api'],
  'policy.health': ['api'],
  'approval.health': ['api'],
  'masking.health': ['api'],
  'vault.health': ['api'],
  'recorder.health': ['api'],
  'audit.health': ['api'],
  'connector-postgres.health': ['api'],
  'chatops.health': ['api'],
} as const satisfies Record<RpcName, readonly ServiceName[]>;

/** Subjects of streams, and who may append to them. The ledger's own-subject rule stands in {@link ledgerSubject}. */
export const WRITERS: Readonly<Record<string, readonly ServiceName[]>> = {
  'recording.connector-postgres': ['connector-postgres'],
  'grants.>': ['approval', 'connector-postgres'],
  'objects.>': ['connector-postgres'],
  'acts.>': ['connector-postgres'],
  'budgets.>': ['connector-postgres'],
  'changes.>': ['policy'],
  'chat.>': ['chatops'],
  'control.bundle': ['policy'],
  'control.lock.*': ['identity'],
  'control.delegation.*': ['approval'],
  'control.access.*': ['approval'],
  'secrets.>': ['vault'],
  'tokens.>': ['masking'],
};

/** Streams, and who may read all of one by sequence and by subject. */
export const READERS: Readonly<Record<string, readonly ServiceName[]>> = {
  LEDGER: ['recorder', 'audit', 'policy', 'vault'],
  RECORDING: ['audit'],
  GRANTS: ['approval', 'connector-postgres'],
  OBJECTS: ['connector-postgres'],
  ACTS: ['connector-postgres'],
  BUDGETS: ['connector-postgres'],
  CHANGES: ['policy'],
  CHAT: ['chatops'],
  CONTROL: ALL,
  SECRETS: ['vault'],
  TOKENS: ['masking'],
};

/** Who hears the beacon that identity publishes. */
export const BEACON_LISTENERS: readonly ServiceName[] = others('identity');

/** The subjects a service may append its own events to: one per instance, never another service's. */
export function ledgerSubject(service: ServiceName): string {
  return `ledger.${service}.*`;
}
