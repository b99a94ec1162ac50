import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '@interlock/kernel';
import type { Action, ApprovalRequest, Ask, Principal, Stated } from '@interlock/contracts';

/**
 * What a decision is about, as 64 hexadecimal digits. Whoever holds the action, the requester and the target's name can
 * compute it again. The preimage, each line ended by a newline, is
 *
 *     interlock-action/v1
 *     SHA-256 of the requester: canonical JSON of {name, kind, issuer, subject, roles, party, actors}
 *     the target's name as a JSON string
 *     SHA-256 of the text
 *     SHA-256 of the meaning: canonical JSON of {protocol, verb, accesses, facts}
 *     SHA-256 of the context: canonical JSON
 *     SHA-256 of the parameters: canonical JSON
 *     SHA-256 of what is stated: canonical JSON; no such line where nothing is
 *
 * Two levels, because most of the parts are the same from one command to the next: each is hashed once and kept.
 * Canonical JSON is RFC 8785.
 */
export function actionDigest(requester: Principal, target: string, action: Action): string {
  return new ActionDigester(requester, target).digest(action);
}

interface KnownMeaning {
  readonly facts: object;
  readonly verb: string;
  readonly protocol: string;
  readonly hash: string;
}

/** {@link actionDigest} for one requester at one target. Parts are remembered by identity: an action must not be changed once digested. */
export class ActionDigester {
  readonly #head: string;
  readonly #meanings = new WeakMap<object, KnownMeaning>();
  readonly #contexts = new WeakMap<object, string>();

  constructor(requester: Principal, target: string) {
    const { name, kind, issuer, subject, roles, party, actors } = requester;
    this.#head = `interlock-action/v1\n${hashOf({ name, kind, issuer, subject, roles, party, actors })}\n${JSON.stringify(target)}\n`;
  }

  digest(action: Action): string {
    const text = hash('sha256', action.text, 'hex');
    const parameters = action.parameters.length === 0 ? NO_PARAMETERS : hashOf(action.parameters as unknown as Json);
    const stated = action.stated ? `${this.#context(action.stated)}\n` : '';
    return hash('sha256', `${this.#head}${text}\n${this.#meaning(action)}\n${this.#context(action.context)}\n${parameters}\n${stated}`, 'hex');
  }

  #meaning({ protocol, verb, accesses, facts }: Action): string {
    const known = this.#meanings.get(accesses);
    if (known?.facts === facts && known.verb === verb && known.protocol === protocol) return known.hash;
    const made = hashOf({ protocol, verb, accesses: accesses as unknown as Json, facts });
    this.#meanings.set(accesses, { facts, verb, protocol, hash: made });
    return made;
  }

  #context(context: Action['context'] | Stated): string {
    let known = this.#contexts.get(context);
    if (known === undefined) {
      known = hashOf(context);
      this.#contexts.set(context, known);
    }
    return known;
  }
}

function hashOf(value: Json): string {
  return hash('sha256', canonicalJson(value), 'hex');
}

const NO_PARAMETERS = hashOf([]);

/** What approvers agree to beyond the action itself: how long, by which rule, to which effect, and what they were shown of it. */
export interface GrantTerms extends Pick<ApprovalRequest, 'preview' | 'bound' | 'state'> {
  readonly id: string;
  readonly actionDigest: string;
  readonly ask: Ask;
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly expiresAt: string;
}

/**
 * SHA-256, hexadecimal, of `interlock-grant/v1` and the canonical JSON of the terms, each ended by a newline. A term that is absent is no
 * member. The bundle's version is none of them: an unrelated change of the configuration takes no agreement back.
 */
export function grantDigest({ id, actionDigest: action, ask, requestedAt, expiresAt, preview, bound, state }: GrantTerms): string {
  const effect = { ...(preview && { preview }), ...(bound && { bound }), ...(state !== undefined && { state }) };
  const terms = canonicalJson({ id, actionDigest: action, ask: ask as unknown as Json, requestedAt, expiresAt, ...(effect as Record<string, Json>) });
  return hash('sha256', `interlock-grant/v1\n${terms}\n`, 'hex');
}
