import { accepted, type Outcome } from '@interlock/kernel';
import { readToken, redeemToken, TOKEN_MAX_CHARACTERS, type CipherBook, type SensitiveColumn } from '@interlock/domain-masking';
import { literalsIn, type ColumnRef, type SensitiveFindings } from '@interlock/language-postgres';
import { SQLSTATE, type Bind } from '@interlock/protocol-postgres';
import type { Verdict } from '@interlock/gateway';
import type { RefusedMessage } from './judgement.js';
import type { PostgresRefusal } from './refuse.js';
import { OID } from './type-oids.js';

/** Values by the number of the parameter that they stand in for. */
export type Redeemed = ReadonlyMap<number, Buffer>;

export const NOTHING_REDEEMED: Redeemed = new Map();

/** Types of parameters that hold a text as it is, or that the client leaves to the target (0). */
const TEXTS = new Set<number>([0, OID.text, OID.bpchar, OID.varchar]);

export interface TokensBack {
  readonly findings: Pick<SensitiveFindings, 'compared' | 'writesSensitive'> | undefined;
  /** Absent where the statement is not bound. */
  readonly bind: Bind | undefined;
  readonly parameterTypes: readonly number[];
  readonly text: string;
  readonly ruleOf: (column: ColumnRef) => SensitiveColumn | undefined;
  readonly ciphers: CipherBook;
}

/**
 * The values of the tokens that sensitive columns are compared with. Each parameter has to be a token of its column's kind: any other value would be a guess, and whether it
 * hits would tell the column's.
 */
export function tokensBack({ findings, bind, parameterTypes, text, ruleOf, ciphers }: TokensBack): Outcome<Redeemed, PostgresRefusal> {
  if (!findings || (findings.compared.length === 0 && findings.writesSensitive.length === 0)) return accepted(NOTHING_REDEEMED);
  const redeemed = new Map<number, Buffer>();
  for (const { column, parameters } of findings.compared) {
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
  const written = findings.writesSensitive.find((column) => ruleOf(column)?.transform === 'token');
  const bound = bind?.parameters.flatMap((value, index) => (value === null || redeemed.has(index + 1) || value.length > TOKEN_MAX_CHARACTERS ? [] : value.toString('utf8'))) ?? [];
  const isKept = written && [...bound, ...(MAY_HOLD.test(text) ? literalsIn(text) : [])].some((value) => isOurs(value, ciphers));
  return written && isKept ? wouldBeStored(written, ruleOf(written)!) : accepted(redeemed);
}

/** Only such a text can hold a token: in clear, or in escapes. */
const MAY_HOLD = /_t\d+_|[eu]&?'/i;

function isOurs(value: string, ciphers: CipherBook): boolean {
  const token = readToken(value);
  return token !== undefined && redeemToken(ciphers, token).ok;
}

/** The value would be lost, and the token stand in its place. */
function wouldBeStored({ schema, table, column }: ColumnRef, { rule }: SensitiveColumn): { readonly ok: false; readonly refusal: PostgresRefusal } {
  const detail = `the statement writes ${schema}.${table}.${column}, and one of its values is a token, which would be stored in place of the value that it stands for.`;
  return { ok: false, refusal: { reason: 'token_written', rule, detail, hint: 'Write the value itself, or leave the column as it is.' } };
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
