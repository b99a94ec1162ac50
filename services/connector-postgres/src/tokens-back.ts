import { accepted, type Outcome } from '@interlock/kernel';
import { readToken, redeemToken, type CipherBook, type SensitiveColumn } from '@interlock/domain-masking';
import type { ColumnRef, SensitiveFindings } from '@interlock/language-postgres';
import { SQLSTATE, type Bind } from '@interlock/protocol-postgres';
import type { Verdict } from '@interlock/gateway';
import type { RefusedMessage } from './judgement.js';
import type { PostgresRefusal } from './refuse.js';

/** Values by the number of the parameter that they stand in for. */
export type Redeemed = ReadonlyMap<number, Buffer>;

export const NOTHING_REDEEMED: Redeemed = new Map();

/** Types of parameters that hold a text as it is: none named, text, bpchar, varchar. */
const TEXTS = new Set([0, 25, 1042, 1043]);

export interface TokensBack {
  readonly compared: SensitiveFindings['compared'];
  /** Absent where the statement is not bound. */
  readonly bind: Bind | undefined;
  readonly parameterTypes: readonly number[];
  readonly ruleOf: (column: ColumnRef) => SensitiveColumn | undefined;
  readonly ciphers: CipherBook;
}

/**
 * The values of the tokens that sensitive columns are compared with. Each parameter has to be a token of its column's kind: any other value would be a guess, and whether it
 * hits would tell the column's.
 */
export function tokensBack({ compared, bind, parameterTypes, ruleOf, ciphers }: TokensBack): Outcome<Redeemed, PostgresRefusal> {
  if (compared.length === 0) return accepted(NOTHING_REDEEMED);
  const redeemed = new Map<number, Buffer>();
  for (const { column, parameters } of compared) {
    const rule = ruleOf(column);
    if (!rule) throw new Error('a column without a rule is compared with tokens');
    for (const number of parameters) {
      const value = TEXTS.has(parameterTypes[number - 1] ?? 0) ? bind?.parameters[number - 1] : undefined;
      const token = value ? readToken(value.toString('utf8')) : undefined;
      if (!token || token.kind !== rule.kind) return notAToken(column, rule);
      const found = redeemToken(ciphers, token);
      if (!found.ok) return { ok: false, refusal: { ...found.refusal, rule: rule.rule } };
      redeemed.set(number, found.value);
    }
  }
  return accepted(redeemed);
}

/** The Bind with values in place of tokens. */
export function withRedeemed(bind: Bind, redeemed: Redeemed): Bind {
  return { ...bind, parameters: bind.parameters.map((value, index) => redeemed.get(index + 1) ?? value) };
}

function notAToken({ schema, table, column }: ColumnRef, { rule, kind }: SensitiveColumn): { readonly ok: false; readonly refusal: PostgresRefusal } {
  return {
    ok: false,
    refusal: {
      reason: 'masking_unsafe', rule, detail: `the statement cannot be masked safely, because ${schema}.${table}.${column} may be compared with tokens alone, and one of its parameters is none of kind ${kind ?? ''}.`,
      hint: 'Bind a token exactly as it came back from a query, as a text parameter; do not filter on the column in another way.',
    },
  };
}

/** What waits for people is looked at, kept and run again by its text and parameters as they were sent. */
export function tokensCannotWait(verdict: Verdict): RefusedMessage {
  const detail = 'The command has to be approved by people, and compares a masked column with a token, which is not taken back in such a command.';
  return { verdict, refusal: { reason: 'token_in_asking_command', detail, sqlState: SQLSTATE.featureNotSupported, hint: 'Name the rows by another column.' } };
}
