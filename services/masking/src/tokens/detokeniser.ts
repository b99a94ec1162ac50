import { accepted, refused, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';
import { draft, type SealedBox, type Trust } from '@interlock/contracts';
import { sealFor } from '@interlock/adapter-sealing';
import { KeyRing } from '@interlock/adapter-tokens';
import type { Recognised } from '@interlock/domain-identity';
import { readToken, redeemToken } from '@interlock/domain-masking';
import type { TokenKeys } from '../keys/token-keys.js';
import type { Allowance } from './allowance.js';

const NO_TOKEN = '(not a token)';

export interface DetokeniserPorts {
  readonly keys: Pick<TokenKeys, 'open'>;
  readonly ledger: Ledger;
  readonly trust: Trust;
  readonly allowance: Allowance;
}

/** Tells people what a token stands for: those whom the configuration lets ask, for a reason, now and then, and only once the ledger says so. */
export class Detokeniser {
  readonly #ports: DetokeniserPorts;

  constructor(ports: DetokeniserPorts) {
    this.#ports = ports;
  }

  /** The value, sealed to api. Every refusal is recorded, too. */
  async reveal(who: Recognised, masked: string, reason: string): Promise<Outcome<{ readonly kind: string; readonly value: SealedBox }>> {
    const found = await this.#find(who, masked);
    if (!found.ok) return this.#refuse(who, masked, found.refusal);
    const { kind, value } = found.value;
    await this.#ports.ledger.append([draft('token.revealed.v1', { token: masked, kind, by: who.principal.name, reason })]);
    return accepted({ kind, value: sealFor(this.#ports.trust, 'api', 'detokenised', value) });
  }

  async #find(who: Recognised, masked: string): Promise<Outcome<{ readonly kind: string; readonly value: Buffer }>> {
    const parts = readToken(masked);
    if (!parts) return refused('malformed_token', 'This does not have the form of a token.', { hint: 'Copy it exactly as it came, e.g. email_t1_ and what follows.' });
    const { kind } = parts;
    const allowed = mayBeTold(who, kind);
    if (!allowed.ok) return allowed;
    const within = this.#ports.allowance.take(who.principal);
    if (!within.ok) return within;
    const keys = await this.#ports.keys.open(kind);
    if (!keys.ok) return keys;
    const redeemed = redeemToken(new KeyRing(keys.value), parts);
    return redeemed.ok ? accepted({ kind, value: redeemed.value }) : redeemed;
  }

  /** What does not have the form of a token may be the very value that someone pasted by mistake: no event holds it. */
  async #refuse({ principal }: Recognised, masked: string, refusal: Refusal): Promise<Outcome<never>> {
    const token = readToken(masked) ? masked : NO_TOKEN;
    await this.#ports.ledger.append([draft('token.refused.v1', { token, by: principal.name, reason: refusal.reason, detail: refusal.detail })]);
    return { ok: false, refusal };
  }
}

/** Roles count as they are now; those of the principal's own, whoever it acts for. */
function mayBeTold({ principal, configuration }: Recognised, kind: string): Outcome<true> {
  const roles = (configuration.masking.detokenise ?? []).filter((entry) => entry.kind === kind).flatMap((entry) => entry.roles);
  if (roles.length === 0) return refused('detokenise_closed', `Nobody may be told what tokens of kind ${kind} stand for.`, { hint: 'Ask for a change of the configuration: masking.detokenise names who may, by kind.' });
  if (roles.some((role) => principal.roles.includes(role))) return accepted(true);
  return refused('role_missing', `${principal.name} may not be told what tokens of kind ${kind} stand for: that takes role ${roles.join(' or ')}.`, { hint: 'Ask someone who has this role, or for the role.' });
}
