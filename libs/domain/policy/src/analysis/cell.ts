import type { Ask, Verb } from '@interlock/contracts';
import type { Applicable, ForeseenRule, Place } from './foresight.js';
import type { Proposition } from './proposition.js';
import type { ForeseenRisk } from './risk-foresight.js';
import type { Cast } from './universe.js';

/** What the rules say of one cast, one verb and one place. */
export interface Cell {
  readonly cast: Cast;
  readonly verb: Verb;
  readonly place: Place;
  readonly applicable: readonly Applicable[];
  readonly permitted: Proposition;
  /** Refused, whoever agrees. */
  readonly refused: Proposition;
  readonly lifts: readonly (Applicable & { readonly rule: { readonly quorum: Ask['quorum'] } })[];
  /** Permitted with nobody asked. */
  readonly alone: Proposition;
}

const NO_RISK: ForeseenRisk = { asks: false, denies: false };

/** `risk` is what its score comes to, and `asking` who is asked then. */
export function cellOf({ cast, verb, place }: Pick<Cell, 'cast' | 'verb' | 'place'>, applicable: readonly Applicable[], risk = NO_RISK, asking?: Cell['lifts'][number]): Cell {
  const permits = applicable.filter(({ rule }) => rule.effect === 'permit').map(({ when }) => when);
  const firm = applicable.filter(({ rule }) => rule.effect === 'forbid' && !rule.quorum).map(({ when }) => when);
  const lifts = applicable.filter((one): one is Cell['lifts'][number] => one.rule.quorum !== undefined);
  const [permitted, refused]: Proposition[] = [{ any: permits }, { any: [...firm, risk.denies] }];
  return { cast, verb, place, applicable, permitted: permitted!, refused: refused!, lifts: asking && risk.asks !== false ? [...lifts, asking] : lifts, alone: { all: [permitted!, { not: refused! }, { not: { any: [...lifts.map(({ when }) => when), risk.asks] } }] } };
}

/** When this rule's people are asked. */
export function asked(cell: Cell, lift: { readonly when: Proposition }): Proposition {
  return { all: [cell.permitted, { not: cell.refused }, lift.when] };
}

export function sameRule(one: { readonly rule: ForeseenRule }, other: { readonly rule: ForeseenRule }): boolean {
  return one.rule.id === other.rule.id;
}

/** `delete on table shop/public/orders`. */
export function actInWords({ verb, place }: Pick<Cell, 'verb' | 'place'>): string {
  return `${verb} on ${placeInWords(place)}`;
}

function placeInWords({ type, id, parents, target }: Place): string {
  const word = type.replace(/[a-z](?=[A-Z])/g, '$& ').toLowerCase();
  if (id !== undefined) return `${word} ${id}`;
  const schema = parents.find((parent) => parent.type === 'Schema');
  const article = /^[aeiou]/.test(word) ? 'an' : 'a';
  const where = type === 'Schema' || !schema ? `target ${target.name}` : `schema ${schema.id}`;
  return `${article} ${word} of ${where} that no rule names`;
}
