import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Ask, ChatRoad, Stated } from '@interlock/contracts';
import type { Glass } from './glass.js';

/** Who may lift a refusal, and for how long. */
export interface Lift {
  readonly quorum: Ask['quorum'];
  readonly windowSeconds: number;
  /** How long the command is held for them. */
  readonly waitSeconds: number;
  /** What a command must state before they are asked. */
  readonly requires: readonly (keyof Stated)[];
  /** How often one requester's party may ask within a time. */
  readonly limit?: { readonly count: number; readonly seconds: number };
  /** Chats in which people may approve as well. */
  readonly accepts?: readonly ChatRoad[];
  /** How long it may be held inside a transaction of its requester; not at all when absent. */
  readonly waitInTransactionSeconds?: number;
  /** The command's rows are counted before people are asked. */
  readonly preview?: 'exact';
  /** Rows that they may agree to at most. */
  readonly maxRows?: number;
  /** How approvals have to be signed, where they have to. */
  readonly signed?: 'webauthn';
  /** Who may lift it alone, and who reviews that afterwards; nobody when absent. */
  readonly glass?: Glass;
}

/** One rule as its author wrote it, parsed. */
export interface Rule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  /** Where the rule begins in its file: bytes, and line and column from 1. */
  readonly byteOffset: number;
  readonly line: number;
  readonly column: number;
  /** Exactly as written, annotations included. */
  readonly text: string;
  /** One sentence for whoever meets the rule. */
  readonly message: string;
  readonly hint?: string;
  /** Present on a forbid that people may lift. */
  readonly lift?: Lift;
  readonly json: PolicyJson;
}
