import type { RPC, RpcName } from '@interlock/contracts';
import type { z } from 'zod';

type Fields<N extends RpcName> = keyof z.input<(typeof RPC)[N]['request']> & string;

/** One door for people: a method and a path in front of one request between services. */
export interface Route<N extends RpcName = RpcName> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below /api/v1; `:name` fills the request's field of that name. */
  readonly path: string;
  readonly rpc: N;
  readonly tag: 'approvals' | 'access' | 'sessions' | 'budgets' | 'audit' | 'changes' | 'targets' | 'masking' | 'authenticators' | 'locks' | 'explain' | 'identity';
  readonly summary: string;
  /** Fields taken from the query string; all others that are not in the path come from the body. */
  readonly query?: readonly Fields<N>[];
  /** What the caller must hold, for the reader of the documentation; the service behind the route checks it itself. */
  readonly requires: string;
  /** May be called before a configuration exists, when no issuer is known yet. */
  readonly beforeBootstrap?: boolean;
  /** Time the answer may take, where it is longer than usual. */
  readonly timeoutMs?: number;
  readonly success?: 200 | 201 | 202;
}

function route<N extends RpcName>(definition: Route<N>): Route {
  return definition as unknown as Route;
}

/** A target's tables are looked at meanwhile. */
const SURVEY_MS = 30_000;
const WHOLE_LEDGER_MS = 10 * 60_000;

export const ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/whoami', rpc: 'identity.whoami', tag: 'identity', summary: 'Who this token belongs to', requires: 'any principal' }),

  route({ method: 'GET', path: '/approvals', rpc: 'approval.list', tag: 'approvals', summary: 'Approvals, newest first', query: ['status'], requires: 'a human' }),
  route({ method: 'GET', path: '/approvals/:id', rpc: 'approval.show', tag: 'approvals', summary: 'One approval: exact text, parameters, target, requester, digest', requires: 'a human' }),
  route({ method: 'POST', path: '/approvals/:id/votes', rpc: 'approval.vote', tag: 'approvals', summary: 'Approve or deny, naming the digest that was read', requires: 'a role the rule asks for, independent of the requester' }),
  route({ method: 'POST', path: '/approvals/:id/reviews', rpc: 'approval.review', tag: 'approvals', summary: 'Accept or object, after the fact, to a broken glass, naming the digest that was read', requires: 'a role that its rule lets review it, independent of whoever broke it' }),
  route({ method: 'POST', path: '/approvals/votes', rpc: 'approval.voteMany', tag: 'approvals', summary: 'Decide about several requests of one kind at once, naming the digest of each', requires: 'what a vote on each of them requires' }),
  route({ method: 'DELETE', path: '/approvals/:id', rpc: 'approval.takeBack', tag: 'approvals', summary: 'Take a request back before its command runs', requires: 'to be the requester, or a human behind it' }),

  route({ method: 'POST', path: '/plans', rpc: 'approval.plan', tag: 'approvals', summary: 'Ask people to agree to several commands in advance, as one; decided as an approval', requires: 'the principal that will send them, or a human behind it', success: 202 }),
  route({ method: 'GET', path: '/delegations', rpc: 'approval.delegations', tag: 'approvals', summary: 'Who may vote in whose stead, the newest first', requires: 'a human' }),
  route({ method: 'POST', path: '/delegations', rpc: 'approval.delegate', tag: 'approvals', summary: 'Let another human vote in your stead, until a time and within a scope', requires: 'the roles that are lent, by your own entry or claim', success: 201 }),
  route({ method: 'DELETE', path: '/delegations/:delegation', rpc: 'approval.revokeDelegation', tag: 'approvals', summary: 'End a delegation at once; votes cast by it that are not used count no more', requires: 'to be its delegator or delegate, or administration.locks' }),

  route({ method: 'GET', path: '/access', rpc: 'approval.access', tag: 'access', summary: 'Requests for roles that wait, and roles for a time that hold, the newest first', requires: 'to be concerned; all of them with administration.audit or administration.locks' }),
  route({ method: 'POST', path: '/access', rpc: 'approval.requestAccess', tag: 'access', summary: 'Ask for a role for a time, for yourself or for what you answer for', requires: 'a role that the configuration lets this principal ask for', success: 201 }),
  route({ method: 'POST', path: '/access/:id/votes', rpc: 'approval.voteAccess', tag: 'access', summary: 'Grant or deny a role for a time, naming the digest that was read', requires: 'a role that decides about it, independent of who asked and who gets it' }),
  route({ method: 'DELETE', path: '/access/:id', rpc: 'approval.endAccess', tag: 'access', summary: 'Withdraw a request, or end a role before its time', requires: 'to be concerned, or administration.locks' }),

  route({ method: 'GET', path: '/sessions', rpc: 'audit.sessions', tag: 'sessions', summary: 'Sessions, newest first', query: ['principal', 'target', 'limit', 'before'], requires: 'administration.audit' }),
  route({ method: 'GET', path: '/sessions/:session', rpc: 'audit.session', tag: 'sessions', summary: 'One session with its commands and approvals', requires: 'administration.audit' }),
  route({ method: 'GET', path: '/sessions/:session/replay', rpc: 'audit.replay', tag: 'sessions', summary: 'What the agent asked and saw, in order, a page at a time', query: ['after'], requires: 'administration.audit' }),
  route({ method: 'GET', path: '/commands/:command/answer', rpc: 'audit.answer', tag: 'sessions', summary: 'All that came back for one command, as the agent saw it, a page at a time', query: ['after'], requires: 'administration.audit' }),
  route({ method: 'GET', path: '/commands/:command', rpc: 'audit.command', tag: 'sessions', summary: 'One command: its action, decision, reasons and outcome', requires: 'administration.audit' }),

  route({ method: 'GET', path: '/budgets', rpc: 'audit.budgets', tag: 'budgets', summary: 'What is used or set aside of each budget, by window, the latest first', requires: 'administration.audit' }),

  route({ method: 'POST', path: '/audit/verify', rpc: 'audit.verify', tag: 'audit', summary: 'Walk the whole ledger and its log; name the first thing that is wrong', requires: 'administration.audit', timeoutMs: WHOLE_LEDGER_MS }),
  route({ method: 'GET', path: '/audit/proofs/:event', rpc: 'recorder.prove', tag: 'audit', summary: 'The proof that one event is in the log (C2SP tlog-proof), and the leaf that it is of', requires: 'any principal' }),
  route({ method: 'GET', path: '/audit/evidence', rpc: 'audit.evidence', tag: 'audit', summary: 'The checkpoint of the log, how far the ledger goes, and the public keys that both are verified by', requires: 'administration.audit' }),
  route({ method: 'GET', path: '/audit/batches', rpc: 'audit.batches', tag: 'audit', summary: 'The ledger as it is stored, a page at a time; what its events say stays sealed', query: ['after', 'offset'], requires: 'administration.audit' }),
  route({ method: 'POST', path: '/audit/rebuild', rpc: 'audit.rebuild', tag: 'audit', summary: 'Rebuild views from the ledger beside the serving ones and compare', requires: 'administration.audit', timeoutMs: WHOLE_LEDGER_MS }),

  route({ method: 'GET', path: '/second-decisions', rpc: 'policy.secondDecisions', tag: 'audit', summary: 'How far recorded commands were decided a second time, and which came out otherwise', requires: 'administration.audit, administration.changes or administration.locks' }),

  route({ method: 'GET', path: '/changes', rpc: 'policy.changes', tag: 'changes', summary: 'Changes of the configuration', requires: 'administration.changes' }),
  route({ method: 'GET', path: '/changes/:change', rpc: 'policy.change', tag: 'changes', summary: 'One change: the differences of every file, the digest an approval names, who decided', requires: 'administration.changes' }),
  route({ method: 'POST', path: '/changes', rpc: 'policy.propose', tag: 'changes', summary: 'Propose a configuration; the first of an installation is its recorded bootstrap', requires: 'administration.changes', beforeBootstrap: true, success: 202 }),
  route({ method: 'POST', path: '/changes/:change/decision', rpc: 'policy.decideChange', tag: 'changes', summary: 'Approve a change of someone else, naming the digest that was read, or deny one', requires: 'administration.changes, independent of the author' }),
  route({ method: 'POST', path: '/backtests', rpc: 'policy.backtest', tag: 'changes', summary: 'What a configuration would have made of recorded commands; changes nothing', requires: 'administration.changes or administration.audit; texts administration.audit', timeoutMs: WHOLE_LEDGER_MS }),
  route({ method: 'GET', path: '/configuration', rpc: 'policy.configuration', tag: 'changes', summary: 'The configuration in force', requires: 'administration.changes' }),

  route({ method: 'POST', path: '/targets/:target/classification', rpc: 'masking.classify', tag: 'masking', summary: 'What columns of a target hold: what was said of them, and what their names and a sample of their values speak for, a page at a time', requires: 'administration.changes', timeoutMs: SURVEY_MS }),
  route({ method: 'GET', path: '/targets/:target/coverage', rpc: 'masking.coverage', tag: 'masking', summary: 'How many columns of a target somebody has looked at, who, and how sure', requires: 'administration.changes', timeoutMs: SURVEY_MS }),

  route({ method: 'GET', path: '/secrets', rpc: 'vault.listSecrets', tag: 'targets', summary: 'Which targets have credentials, never what they are', requires: 'administration.secrets' }),

  route({ method: 'GET', path: '/authenticators', rpc: 'vault.authenticators', tag: 'authenticators', summary: 'Authenticators that sign approvals: one’s own, or everyone’s', requires: 'a human; everyone’s administration.changes' }),
  route({ method: 'POST', path: '/authenticators', rpc: 'vault.proposeAuthenticator', tag: 'authenticators', summary: 'Register an authenticator of one’s own; a second independent person confirms it', requires: 'a human', success: 201 }),
  route({ method: 'POST', path: '/authenticators/:id/confirmation', rpc: 'vault.confirmAuthenticator', tag: 'authenticators', summary: 'Confirm whose an authenticator is, naming the digest that was read', requires: 'administration.changes, independent of its owner' }),
  route({ method: 'DELETE', path: '/authenticators/:id', rpc: 'vault.revokeAuthenticator', tag: 'authenticators', summary: 'Revoke an authenticator; one person is enough', requires: 'its owner, or administration.changes' }),
  route({ method: 'GET', path: '/locks', rpc: 'identity.locks', tag: 'locks', summary: 'Locks in force', requires: 'a human' }),
  route({ method: 'POST', path: '/locks', rpc: 'identity.lock', tag: 'locks', summary: 'Stop a principal, party, target, session, connector or everything at once', requires: 'administration.locks, or the owner of the agent', success: 201 }),
  route({ method: 'DELETE', path: '/locks/:lock', rpc: 'identity.unlock', tag: 'locks', summary: 'Lift a lock; takes two independent people', requires: 'administration.locks' }),

  route({ method: 'GET', path: '/masking/keys', rpc: 'masking.keys', tag: 'masking', summary: 'Which kinds of tokens have keys, never what they are', requires: 'administration.secrets or administration.audit' }),
  route({ method: 'POST', path: '/masking/keys/:kind', rpc: 'masking.rotateKey', tag: 'masking', summary: 'Make a new key for new tokens of a kind; older tokens are still read', requires: 'administration.secrets', success: 201 }),

  route({ method: 'POST', path: '/explain', rpc: 'policy.explain', tag: 'explain', summary: 'What would be decided about a command, and by which rules', requires: 'administration.changes or administration.audit' }),
  route({ method: 'GET', path: '/decisions/:id', rpc: 'audit.explain', tag: 'explain', summary: 'Why a recorded command was decided so, by the id of the command, of the event that a refusal names, or of the approval', requires: 'administration.audit, or to be its principal, a human behind it or one who is asked to agree; without text administration.changes' }),
];

/** The secret of a target has a route of its own: the body is sealed to the vault here and never travels in clear. */
export const SECRET_ROUTE = { method: 'PUT', path: '/targets/:target/secret', tag: 'targets', summary: 'Set the credential Interlock uses at a target', requires: 'administration.secrets' } as const;

/** So has what a token stands for: it comes sealed to this door, and is opened here for the person who asked. */
export const DETOKENISE_ROUTE = { method: 'POST', path: '/masking/detokenise', tag: 'masking', summary: 'What a token stands for; recorded with its reason', requires: 'a human with a role that masking.detokenise names for its kind' } as const;
