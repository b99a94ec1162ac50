import { sha256Hex } from '@interlock/kernel';
import type { Proposition } from '@interlock/domain-policy';

/** An entity as a rule's expression meets it; `unnamed`: any that no rule names, equal to none of those. */
export interface EntityValue {
  readonly type: string;
  readonly id: string;
  readonly unnamed?: true;
}

export type Constant = boolean | number | string | EntityValue | ReadonlySetOf | RecordValue;
export interface ReadonlySetOf { readonly set: readonly Constant[] }
export interface RecordValue { readonly record: Readonly<Record<string, Term>> }

/** What an expression comes to before the command is known: a value, or something open, told apart by its text. */
export type Term =
  | { readonly known: Constant }
  | { readonly open: string }
  /** A Boolean that is put together of others. */
  | { readonly when: Proposition; readonly parts: number };

export function known(value: Constant): Term {
  return { known: value };
}

export function isEntity(value: Constant): value is EntityValue {
  return typeof value === 'object' && 'type' in value;
}

export function isSet(value: Constant): value is ReadonlySetOf {
  return typeof value === 'object' && 'set' in value;
}

/** A term of type Boolean as a proposition. */
export function propositionOf(term: Term): Proposition {
  if ('known' in term) return typeof term.known === 'boolean' ? term.known : { atom: keyOf(term) };
  return 'when' in term ? term.when : { atom: term.open };
}

/** Parts beyond which a proposition is an atom of its own: branches in conditions of branches double with every level. */
const PARTS_MAX = 500;

/** A Boolean term of this proposition. Its text is made only where it is asked for. */
export function termOf(when: Proposition, parts: number): Term {
  if (typeof when === 'boolean') return known(when);
  return parts > PARTS_MAX ? { open: sha256Hex(JSON.stringify(when)) } : { when, parts };
}

/** How many parts the proposition of a term has. */
export function partsOf(term: Term): number {
  return 'when' in term ? term.parts : 1;
}

export function not(proposition: Proposition): Proposition {
  if (typeof proposition === 'boolean') return !proposition;
  return 'not' in proposition ? proposition.not : { not: proposition };
}

export function both(first: Proposition, second: Proposition): Proposition {
  if (first === false || second === false) return false;
  return first === true ? second : second === true ? first : { all: [first, second] };
}

export function either(first: Proposition, second: Proposition): Proposition {
  if (first === true || second === true) return true;
  return first === false ? second : second === false ? first : { any: [first, second] };
}

/** A text that equals that of another term only when both are one value in every command. */
export function keyOf(term: Term): string {
  return 'open' in term ? term.open : JSON.stringify('when' in term ? term.when : term.known);
}

export function open(operator: string, ...terms: readonly Term[]): Term {
  return { open: `(${[operator, ...terms.map(keyOf)].join(' ')})` };
}

/** Cedar's equality of two constants; undefined where something inside is open. */
export function equal(one: Constant, other: Constant): boolean | undefined {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  if (isEntity(one) && isEntity(other)) return sameEntity(one, other);
  if (isSet(one) && isSet(other)) return contains(one, other) && contains(other, one);
  if ('record' in one && 'record' in other) return undefined;
  return false;
}

/** Unnamed entities equal themselves only as the one resource of one request, which is never compared with another. */
export function sameEntity(one: EntityValue, other: EntityValue): boolean {
  return one.type === other.type && one.id === other.id && one.unnamed === other.unnamed;
}

export function contains({ set }: ReadonlySetOf, part: ReadonlySetOf): boolean {
  return part.set.every((value) => set.some((candidate) => equal(candidate, value) === true));
}
