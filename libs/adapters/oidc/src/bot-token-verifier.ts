import { accepted, refused, type Outcome } from '@interlock/kernel';
import { checkTimes, namesAudience } from './claims.js';
import { readToken } from './compact-token.js';
import { IssuerKeys } from './issuer-keys.js';
import { signedBy } from './signed-by.js';

/** Whom a bot takes requests from, and as what. */
export interface BotIssuer {
  /** The `iss` value of the Bot Framework's tokens. */
  readonly issuer: string;
  /** Below which its OpenID metadata is. */
  readonly metadata: string;
  /** The bot's application id. */
  readonly audience: string;
}

/** The Bot Framework allows five minutes between clocks. */
const SKEW_SECONDS = 300;
const ALGORITHM = 'RS256';

/**
 * Verifies the token of a request to a bot (Bot Connector authentication, "Authenticate requests from the Bot Connector service to your
 * bot"): signature, issuer, audience, times, that the key is endorsed for the channel, and that the claim `serviceurl` is the
 * activity's. The token does not cover the body: it says that some request came from the Bot Framework, not what was in it.
 */
export class BotTokenVerifier {
  readonly #keys = new Map<string, IssuerKeys>();

  constructor(private readonly clock: { nowMs(): number }) {}

  async verify(token: string, from: BotIssuer, activity: { readonly serviceUrl: string; readonly channel: string }): Promise<Outcome<true>> {
    const read = readToken(token);
    if (!read.ok) return read;
    const { header, claims } = read.value;
    if (header.alg !== ALGORITHM) return refused('algorithm_not_allowed', `The Bot Framework signs with ${ALGORITHM}.`);
    if (claims['iss'] !== from.issuer) return refused('issuer_unknown', 'The token comes from another issuer than the Bot Framework.');
    const signed = await signedBy(token, read.value, { name: 'Bot Framework', keys: this.#keysOf(from), algorithm: ALGORITHM, mayUse: (jwk) => isEndorsed(jwk, activity.channel) }, this.clock.nowMs());
    if (!signed.ok) return signed;
    if (!namesAudience(claims['aud'], from.audience)) return refused('audience_wrong', `The token is not meant for bot ${from.audience}.`);
    const times = checkTimes(claims, SKEW_SECONDS, this.clock.nowMs() / 1_000);
    if (!times.ok) return times;
    if (typeof claims['serviceurl'] === 'string' && claims['serviceurl'] === activity.serviceUrl) return accepted(true);
    return refused('service_url_wrong', 'The token is for another service than the request names.');
  }

  #keysOf({ issuer, metadata }: BotIssuer): IssuerKeys {
    const name = `${issuer} ${metadata}`;
    const known = this.#keys.get(name) ?? new IssuerKeys(issuer, () => this.clock.nowMs(), metadata);
    this.#keys.set(name, known);
    return known;
  }
}

function isEndorsed(jwk: unknown, channel: string): boolean {
  const endorsements = (jwk as { readonly endorsements?: unknown } | null)?.endorsements;
  return Array.isArray(endorsements) && endorsements.includes(channel);
}
