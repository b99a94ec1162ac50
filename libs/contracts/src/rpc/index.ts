import type { Outcome } from '@interlock/kernel';
import { z } from 'zod';
import { Action } from '../action.js';
import { Assertion, Authenticator, AuthenticatorAlgorithm, AuthenticatorState } from '../authenticator.js';
import { Backtest } from '../backtest.js';
import { ClassifiedColumn, SurveyedColumn } from '../classification.js';
import { Transform } from '../bundle.js';
import { SealedBox, Lock, Trust } from '../control.js';
import { Decision } from '../decision.js';
import { DecisionMismatch } from '../events/command.js';
import { Explanation } from '../explanation.js';
import { Principal } from '../principal.js';
import { SecretKind } from '../secret.js';
import { APPROVAL_RPC } from './approval.js';
import { MASKING_RPC } from './masking.js';

/** A change of the configuration as lists have it. */
const ChangeListed = z.object({
  change: z.string(), author: z.string(), status: z.enum(['pending', 'applied', 'denied']), summary: z.array(z.string()), proposedAt: z.string(), version: z.number().int().optional(),
});

/** A principal's token, sealed to the one service that is to verify it (purpose `token`). */
const Token = SealedBox;
const Empty = z.object({});
/** Which instance of the connector asks; absent, a lock on any of them stops it. */
const ConnectorInstance = z.string().optional();

/** Whether a service can do its work now, and which of its checks says no. Names and reasons only, open to every caller. */
export const HealthReport = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  /** Drawn anew at every start of the service: who sees another one knows that what was at work is lost. */
  run: z.string().optional(),
});
export type HealthReport = z.infer<typeof HealthReport>;
const Health = { request: Empty, response: HealthReport };

/** What a service registers its own key for, in place of a session: `run:<key id>`. */
export const RUN_KEY = 'run:';

/**
 * Requests between services, on `rpc.<service>.<verb>`. Every handler is idempotent. A reply is
 * `{ ok: true, value }` or `{ ok: false, refusal }`.
 */
export const RPC = {
  'identity.authenticate': {
    request: z.object({ token: Token, session: z.string(), connector: z.string(), instance: ConnectorInstance, target: z.string(), clientAddress: z.string() }),
    response: z.object({ principal: Principal, expiresAt: z.string(), bundleVersion: z.number().int() }),
  },
  /** Who does this token belong to? For api and cli. */
  'identity.whoami': { request: z.object({ token: Token }), response: z.object({ principal: Principal, expiresAt: z.string() }) },
  'identity.lock': {
    request: z.object({ token: Token, scope: Lock.shape.scope, subject: z.string(), reason: z.string() }),
    response: z.object({ lock: Lock }),
  },
  /** Takes two: the first call proposes, a second independent person's call lifts. */
  'identity.unlock': { request: z.object({ token: Token, lock: z.string() }), response: z.object({ lifted: z.boolean(), by: z.array(z.string()) }) },
  /**
   * Policy's own word, without a person's token: this instance of a connector decided otherwise than its rules. Locks that instance and
   * nothing else; `event` names the decision, and one decision locks once.
   */
  'identity.lockConnector': {
    request: z.object({ connector: z.string(), instance: z.string(), event: z.string(), reason: z.string() }),
    response: z.object({
      /** The lock that stands for it now; absent when it was set for this decision before, and has been lifted. */
      lock: Lock.optional(),
    }),
  },
  /** Approval's own word: two people have not reviewed in time how this principal broke the glass. Locks it, once for each grant. */
  'identity.lockUnreviewed': {
    request: z.object({ grant: z.string(), principal: z.string(), reason: z.string() }),
    response: z.object({
      /** Absent when it was set for this grant before, and has been lifted. */
      lock: Lock.optional(),
    }),
  },
  /** Approval's own word: these two have reviewed it. Lifts the lock that was set for this grant, and no other. */
  'identity.liftReviewed': { request: z.object({ grant: z.string(), by: z.tuple([z.string(), z.string()]) }), response: z.object({ lifted: z.boolean() }) },
  'identity.locks': { request: z.object({ token: Token }), response: z.object({ locks: z.array(Lock) }) },

  /** `credential` is sealed to the connector (purpose `credential`): JSON `{ user, password }`. */
  'vault.release': {
    request: z.object({ token: Token, session: z.string(), connector: z.string(), instance: ConnectorInstance, target: z.string(), kind: SecretKind,
      /** The grant that an elevated credential is for; without one there is none. */
      grant: z.string().optional() }),
    response: z.object({ credential: SealedBox }),
  },
  /** `secret` is sealed to the vault (purpose `secret`): JSON `{ user, password }`. */
  'vault.setSecret': {
    request: z.object({ token: Token, target: z.string(), secret: SealedBox, kind: SecretKind.optional() }),
    response: z.object({ target: z.string(), kind: z.string() }),
  },
  'vault.listSecrets': {
    request: z.object({ token: Token }),
    response: z.object({ secrets: z.array(z.object({ target: z.string(), kind: z.string(), setBy: z.string(), setAt: z.string() })) }),
  },
  /** Targets with an elevated credential, for who must know whether a rule may ask for signatures. */
  'vault.elevatedTargets': { request: Empty, response: z.object({ targets: z.array(z.string()) }) },
  /** Authenticators of the reader; for who may confirm them, everyone's. */
  'vault.authenticators': {
    request: z.object({ token: Token }),
    response: z.object({
      authenticators: z.array(AuthenticatorState),
      /** What the page names as the relying party. */
      rpId: z.string(),
    }),
  },
  /** The caller's own. `proof` signs the digest of the registration. */
  'vault.proposeAuthenticator': {
    request: z.object({ token: Token, label: Authenticator.shape.label, algorithm: AuthenticatorAlgorithm, publicKey: Authenticator.shape.publicKey, proof: Assertion }),
    response: z.object({ authenticator: AuthenticatorState }),
  },
  'vault.confirmAuthenticator': { request: z.object({ token: Token, id: Authenticator.shape.id, digest: z.string() }), response: z.object({ authenticator: AuthenticatorState }) },
  'vault.revokeAuthenticator': { request: z.object({ token: Token, id: Authenticator.shape.id }), response: z.object({ authenticator: AuthenticatorState }) },
  /** Whether this is a good signature of this person over this digest, now. The vault judges it again before it releases anything. */
  'vault.checkSignature': {
    request: z.object({ person: z.object({ issuer: z.string(), subject: z.string() }), grantDigest: z.string(), assertion: Assertion }),
    response: Empty,
  },

  'policy.propose': {
    request: z.object({ token: Token, files: z.array(z.object({ file: z.string(), text: z.string() })).max(500) }),
    response: z.object({ change: z.string(), status: z.enum(['applied', 'pending', 'unchanged']), version: z.number().int(), summary: z.array(z.string()) }),
  },
  'policy.decideChange': {
    request: z.object({
      token: Token, change: z.string(), verdict: z.enum(['approve', 'deny']),
      /** Of what was read, as `policy.change` shows it. An approval without it is refused. */
      digest: z.string().optional(),
    }),
    response: z.object({ change: z.string(), status: z.enum(['applied', 'denied', 'pending']), version: z.number().int() }),
  },
  'policy.changes': {
    request: z.object({ token: Token }),
    response: z.object({ changes: z.array(ChangeListed) }),
  },
  /** One change with everything that whoever agrees to it agrees to. */
  'policy.change': {
    request: z.object({ token: Token, change: z.string() }),
    response: z.object({
      change: ChangeListed.extend({
        /** SHA-256 over the files as proposed; an approval names it. */
        digest: z.string(),
        /** Version that the differences are told from; 0 for the first configuration. */
        baseVersion: z.number().int(),
        decidedBy: z.string().optional(),
        decidedAt: z.string().optional(),
        /** Every file that differs. */
        files: z.array(z.object({
          file: z.string(), status: z.enum(['added', 'changed', 'removed']),
          /** Unified; of `interlock.yaml` between its canonical texts, empty where comments or layout alone differ. */
          diff: z.string(),
        })),
      }),
    }),
  },
  /** A hypothetical decision: what would happen if this principal sent this text to this target now. */
  'policy.explain': {
    request: z.object({ token: Token, as: z.string(), target: z.string(), text: z.string() }),
    response: z.object({
      action: Action.optional(), decision: Decision, policies: z.array(z.object({ rule: z.string(), file: z.string(), text: z.string() })),
      /** What of the answer would be masked; absent where nothing of this target is masked for this principal. */
      masking: z.object({
        /** Columns of the answer, by name, with the column that each shows. */
        columns: z.array(z.object({ name: z.string(), column: z.string(), rule: z.string(), transform: Transform })),
        /** Kinds of content that are searched for in everything that comes back. */
        /** Kinds, and ids of recognizers. */
        content: z.array(z.string()),
        /** Why the statement would be refused, because its answer could not be masked safely. */
        refused: z.object({ rule: z.string().optional(), detail: z.string(), hint: z.string().optional() }).optional(),
      }).optional(),
    }),
  },
  /** The decision alone, for approval, which has to know what people would be asked about a command that is yet to be sent. Names no person and takes no word of one. */
  'policy.foresee': {
    request: z.object({ as: z.string(), target: z.string(), text: z.string() }),
    response: z.object({ decision: Decision }),
  },
  /** What a proposed configuration would have made of recorded commands. Changes nothing. */
  'policy.backtest': {
    request: z.object({
      token: Token, files: z.array(z.object({ file: z.string(), text: z.string() })).max(500),
      /** Seven days ago when absent. */
      since: z.iso.datetime().optional(), limit: z.number().int().min(1).max(100_000).default(20_000),
    }),
    response: Backtest,
  },
  /** How far policy has decided recorded commands a second time, and what came out otherwise. */
  'policy.secondDecisions': {
    request: z.object({ token: Token }),
    response: z.object({
      /** The last batch of the ledger that was gone through, and how many there are behind it. */
      sequence: z.number().int(), lag: z.number().int(),
      decided: z.number().int(), mismatched: z.number().int(),
      /** The newest, newest first. */
      mismatches: z.array(DecisionMismatch.extend({ command: z.string(), at: z.string() })),
      /** What could not be decided again, by reason, with the last of each. It is no match. */
      undecidable: z.array(z.object({ reason: z.string(), count: z.number().int(), last: z.object({ event: z.string(), sequence: z.number().int(), detail: z.string() }) })),
      /** What keeps it from going on at the moment. */
      problem: z.string().optional(),
    }),
  },
  /** The configuration in force, without secrets (there are none in it). */
  'policy.configuration': { request: z.object({ token: Token }), response: z.object({ version: z.number().int(), files: z.array(z.object({ file: z.string(), text: z.string() })) }) },

  ...MASKING_RPC,

  ...APPROVAL_RPC,
  /** Stores an exchange's key (sealed to recorder, purpose `event-key`: 32 bytes, base64) before its first event. */
  'recorder.registerKey': { request: z.object({ keyId: z.string(), session: z.string(), key: SealedBox }), response: Empty },
  /** Keys sealed to audit (purpose `event-key`). A destroyed or unknown key is absent. */
  'recorder.revealKeys': {
    request: z.object({ keyIds: z.array(z.string()).max(1_000) }),
    response: z.object({ keys: z.record(z.string(), SealedBox) }),
  },
  /** The same for policy, sealed to it, and only keys of exchanges: those that cover decisions. No service's own key is among them. */
  'recorder.revealDecisionKeys': {
    request: z.object({ keyIds: z.array(z.string()).max(1_000) }),
    response: z.object({ keys: z.record(z.string(), SealedBox) }),
  },
  /** The same for the vault, sealed to it: keys of its own runs and of approval's, which cover requests, votes and authenticators. */
  'recorder.revealApprovalKeys': {
    request: z.object({ keyIds: z.array(z.string()).max(1_000) }),
    response: z.object({ keys: z.record(z.string(), SealedBox) }),
  },
  'recorder.checkpoint': { request: Empty, response: z.object({
    checkpoint: z.string(), size: z.number().int(),
    /** The log's key in the form other tools take: `name+id+base64`. */
    verifierKey: z.string().optional(),
  }) },
  /** One file of the log in the C2SP tlog-tiles layout: `checkpoint`, `tile/<level>/<index>` or `tile/entries/<index>`. Refuses with `not_found`. */
  'recorder.tile': { request: z.object({ path: z.string().max(200) }), response: z.object({ bytes: z.string() }) },
  /** Proves one sealed event: its leaf, the path to the root, and the proof as a C2SP tlog-proof text. Refuses with `not_found` until it is sealed. */
  'recorder.prove': {
    request: z.object({ event: z.string() }),
    response: z.object({
      index: z.number().int(), size: z.number().int(), sequence: z.number().int(), position: z.number().int(),
      /** base64 of the leaf's entry. */
      entry: z.string(),
      path: z.array(z.string()), checkpoint: z.string(), proof: z.string(),
    }),
  },
  /** How far the ledger is sealed, and why sealing stopped, where it did. */
  'recorder.status': {
    request: Empty,
    response: z.object({
      epoch: z.string(), sequence: z.number().int(), size: z.number().int(), lag: z.number().int(),
      halted: z.object({ sequence: z.number().int(), reason: z.string(), detail: z.string() }).optional(),
    }),
  },

  /** A page of a target's columns, tables in the order of their names: what was said of each and, where values are looked at, what may be said beside. `after` is the `next` of the page before. */
  'masking.classify': {
    request: z.object({ token: Token, target: z.string(), after: z.string().max(300).optional() }),
    response: z.object({ columns: z.array(ClassifiedColumn), next: z.string().nullable() }),
  },
  /** How much of a target somebody has looked at. */
  'masking.coverage': {
    request: z.object({ token: Token, target: z.string() }),
    response: z.object({
      columns: z.number().int(), classified: z.number().int(), sensitive: z.number().int(), by: z.record(z.string(), z.number().int()), leastSure: z.number().optional(),
      /** Columns of which nothing was said, the first thousand. */
      unclassified: z.array(z.string()),
    }),
  },
  /** A page of a target's columns, with what a sample of their values shows where `isSampled`. The token is that of a person who may change the configuration. */
  'connector-postgres.survey': {
    request: z.object({ token: Token, target: z.string(), after: z.string().max(300).optional(), isSampled: z.boolean() }),
    response: z.object({ columns: z.array(SurveyedColumn), next: z.string().nullable() }),
  },

  'audit.sessions': {
    request: z.object({ token: Token, principal: z.string().optional(), target: z.string().optional(), limit: z.number().int().min(1).max(500).default(50), before: z.string().optional() }),
    response: z.object({ sessions: z.array(z.record(z.string(), z.unknown())) }),
  },
  'audit.session': {
    request: z.object({ token: Token, session: z.string() }),
    response: z.object({ session: z.record(z.string(), z.unknown()), commands: z.array(z.record(z.string(), z.unknown())), approvals: z.array(z.record(z.string(), z.unknown())) }),
  },
  /** A session told again in the order of the ledger, a page at a time: `after` is the `next` of the page before, 0 at first. */
  'audit.replay': {
    request: z.object({ token: Token, session: z.string(), after: z.number().int().default(0) }),
    response: z.object({
      steps: z.array(z.object({
        at: z.string(), kind: z.string(), command: z.string().optional(), data: z.record(z.string(), z.unknown()),
        /** Where in the ledger it lies: its batch, and its place in that. Steps of one event share it. */
        sequence: z.number().int().optional(), position: z.number().int().optional(),
      })),
      next: z.number().int().nullable(),
    }),
  },
  /** The whole answer of one command, a page at a time: `after` counts bytes of its recording, and is the `next` of the page before, 0 at first. */
  'audit.answer': {
    request: z.object({ token: Token, command: z.string(), after: z.number().int().min(0).default(0) }),
    response: z.object({ answer: z.record(z.string(), z.unknown()), ofBytes: z.number().int(), next: z.number().int().nullable() }),
  },
  'audit.command': { request: z.object({ token: Token, command: z.string() }), response: z.object({ command: z.record(z.string(), z.unknown()) }) },
  /** What is leased of budgets, the windows that end last first. */
  'audit.budgets': {
    request: z.object({ token: Token }),
    response: z.object({
      budgets: z.array(z.object({ budget: z.string(), account: z.string(), leased: z.number().int(), most: z.number().int(), left: z.number().int(), windowEndsAt: z.string(), leasedAt: z.string() })),
    }),
  },
  /** Why a recorded command was decided as it was; `id` is a command's, an approval's, or that of an event that decided about a command. */
  'audit.explain': { request: z.object({ token: Token, id: z.string().min(1).max(200) }), response: z.object({ explanation: Explanation }) },
  'audit.verify': {
    request: z.object({ token: Token }),
    response: z.object({
      ok: z.boolean(), events: z.number().int(), batches: z.number().int(), checkpoint: z.string(),
      /** Recorded chunks that could not be compared with their hashes. */
      uncomparedChunks: z.number().int(),
      /** The first thing that is wrong: which event, where, what. */
      finding: z.object({ sequence: z.number().int(), event: z.string().optional(), detail: z.string() }).optional(),
    }),
  },
  /** What evidence there is to take away: the log's checkpoint, how far the ledger goes, and the public keys that both are verified by. */
  'audit.evidence': { request: z.object({ token: Token }), response: z.object({ checkpoint: z.string(), lastSequence: z.number().int(), trust: Trust }) },
  /** A page of the ledger as it is stored, behind batch `after` and, of the one that follows it, behind `offset` bytes: large batches come in pieces. */
  'audit.batches': {
    request: z.object({ token: Token, after: z.number().int().min(0), offset: z.number().int().min(0).default(0) }),
    response: z.object({
      pieces: z.array(z.object({
        epoch: z.string(), sequence: z.number().int(), subject: z.string(), ofBytes: z.number().int(),
        /** base64. */
        bytes: z.string(),
      })),
    }),
  },
  'audit.rebuild': {
    request: z.object({ token: Token, view: z.string().optional() }),
    response: z.object({ views: z.array(z.object({ view: z.string(), rows: z.number().int(), hashBefore: z.string(), hashAfter: z.string(), identical: z.boolean() })) }),
  },
  'audit.status': { request: Empty, response: z.object({ views: z.array(z.object({
    view: z.string(), sequence: z.number().int(), lag: z.number().int(),
    /** Why this view stopped, where it did. */
    stopped: z.object({ sequence: z.number().int(), reason: z.string(), detail: z.string() }).optional(),
  })) }) },

  /** Every service answers for itself. */
  'identity.health': Health,
  'policy.health': Health,
  'approval.health': Health,
  'masking.health': Health,
  'vault.health': Health,
  'recorder.health': Health,
  'audit.health': Health,
  'connector-postgres.health': Health,
  'chatops.health': Health,
} as const;

export type RpcName = keyof typeof RPC;
export type RpcRequest<N extends RpcName> = z.input<(typeof RPC)[N]['request']>;
export type RpcResponse<N extends RpcName> = z.infer<(typeof RPC)[N]['response']>;

/**
 * Asks another service over the bus.
 *
 * Contract: a refusal of the other side comes back as a refusal; no answer in time is the refusal `unavailable`,
 * retryable. The request is validated before it leaves, the response before it is returned.
 */
export interface RpcClient {
  call<N extends RpcName>(name: N, request: RpcRequest<N>, options?: { readonly timeoutMs?: number }): Promise<Outcome<RpcResponse<N>>>;
}
