import { attributeOf, contextAttribute, contextHas, hasTag, isIn, literal, tagOf, variable, type Scene } from './scene.js';
import { both, contains, either, equal, isEntity, isSet, keyOf, known, not, open, partsOf, propositionOf, termOf, type Constant, type Term } from './term.js';

/** An expression in Cedar's JSON, maps made plain. */
export type Expression = Readonly<Record<string, unknown>>;
interface Two { readonly left: Expression; readonly right: Expression }
interface If { readonly if: Expression; readonly then: Expression; readonly else: Expression }

/**
 * What an expression of a rule comes to before the command is known. Whatever is not followed, evaluation errors among it, is open:
 * it may come out either way.
 */
export function evaluate(expression: Expression, scene: Scene): Term {
  scene.work.steps += 1;
  const [operator = '', operand] = Object.entries(expression)[0] ?? [];
  switch (operator) {
    case 'Value': return fromLiteral(operand);
    case 'Var': return variable(operand as string, scene);
    case '.': return attribute(operand as { left: Expression; attr: string }, scene);
    case 'has': return has(operand as { left: Expression; attr: string | readonly string[] }, scene);
    case '!': return opposite(evaluate((operand as { arg: Expression }).arg, scene));
    case '&&': case '||': return connective(operator, operand as Two, scene);
    case 'if-then-else': return choice(operand as If, scene);
    case 'is': return isOf(operand as { left: Expression; entity_type: string; in?: Expression }, scene);
    case 'like': return like(operand as { left: Expression; pattern: readonly (string | { Literal: string })[] }, scene);
    case 'Set': return setOf((operand as readonly Expression[]).map((member) => evaluate(member, scene)));
    case 'Record': return known({ record: Object.fromEntries(Object.entries(operand as Record<string, Expression>).map(([name, member]) => [name, evaluate(member, scene)])) });
    default: return operation(operator, operand, scene);
  }
}

function fromLiteral(value: unknown): Term {
  const constant = literal(value);
  return constant === undefined ? { open: JSON.stringify(value) } : known(constant);
}

function attribute({ left, attr }: { readonly left: Expression; readonly attr: string }, scene: Scene): Term {
  if (left['Var'] === 'context') return contextAttribute(attr, scene);
  const term = evaluate(left, scene);
  if ('known' in term && typeof term.known === 'object') {
    if (isEntity(term.known)) return attributeOf(term.known, attr, scene);
    if ('record' in term.known) return term.known.record[attr] ?? open('.', term, known(attr));
  }
  return open('.', term, known(attr));
}

function has({ left, attr }: { readonly left: Expression; readonly attr: string | readonly string[] }, scene: Scene): Term {
  const path = typeof attr === 'string' ? [attr] : attr;
  return left['Var'] === 'context' ? contextHas(path, scene) : open('has', evaluate(left, scene), known(path.join('.')));
}

/** The right side is looked at only where the left one does not settle it. */
function connective(operator: '&&' | '||', { left, right }: Two, scene: Scene): Term {
  const one = evaluate(left, scene);
  const first = propositionOf(one);
  if (first === (operator === '||')) return known(first);
  const other = evaluate(right, scene);
  return termOf((operator === '&&' ? both : either)(first, propositionOf(other)), partsOf(one) + partsOf(other));
}

function choice({ if: condition, then, else: otherwise }: If, scene: Scene): Term {
  const decides = evaluate(condition, scene);
  const when = propositionOf(decides);
  const [one, other] = [evaluate(then, scene), evaluate(otherwise, scene)];
  if (typeof when === 'boolean') return when ? one : other;
  if (!isBoolean(one) && !isBoolean(other)) return open('if', decides, one, other);
  return termOf(either(both(when, propositionOf(one)), both(not(when), propositionOf(other))), 2 * partsOf(decides) + partsOf(one) + partsOf(other));
}

function opposite(term: Term): Term {
  return termOf(not(propositionOf(term)), partsOf(term));
}

function isBoolean(term: Term): boolean {
  return 'known' in term ? typeof term.known === 'boolean' : 'when' in term;
}

function isOf({ left, entity_type: type, in: above }: { readonly left: Expression; readonly entity_type: string; readonly in?: Expression }, scene: Scene): Term {
  const term = evaluate(left, scene);
  if (!('known' in term) || !isConstantEntity(term.known)) return open('is', term, known(type));
  if (term.known.type !== type) return known(false);
  return above ? operation('in', { left, right: above }, scene) : known(true);
}

function isConstantEntity(value: Constant): value is Extract<Constant, { type: string }> {
  return isEntity(value);
}

function like({ left, pattern }: { readonly left: Expression; readonly pattern: readonly (string | { readonly Literal: string })[] }, scene: Scene): Term {
  const term = evaluate(left, scene);
  if (!('known' in term) || typeof term.known !== 'string') return open('like', term, known(JSON.stringify(pattern)));
  return known(isLike(term.known, pattern));
}

/** Literals between wildcards are found one after the other, each as early as it goes: no pattern makes this take long. */
function isLike(text: string, pattern: readonly (string | { readonly Literal: string })[]): boolean {
  const pieces = [''];
  for (const part of pattern) {
    if (typeof part === 'string') pieces.push('');
    else pieces[pieces.length - 1] += part.Literal;
  }
  const [first = '', ...later] = pieces;
  const last = later.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of later) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

function setOf(members: readonly Term[]): Term {
  const constants = members.flatMap((member) => ('known' in member ? [member.known] : []));
  return constants.length === members.length ? known({ set: constants }) : open('Set', ...members);
}

function operation(operator: string, operand: unknown, scene: Scene): Term {
  if (Array.isArray(operand)) return open(operator, ...(operand as readonly Expression[]).map((argument) => evaluate(argument, scene)));
  const { left, right, arg } = operand as Partial<Two> & { readonly arg?: Expression };
  if (arg) return unary(operator, evaluate(arg, scene));
  if (!left || !right) return { open: JSON.stringify([operator, operand]) };
  return binary(operator, evaluate(left, scene), evaluate(right, scene), scene);
}

function unary(operator: string, term: Term): Term {
  if ('known' in term && operator === 'isEmpty' && typeof term.known === 'object' && isSet(term.known)) return known(term.known.set.length === 0);
  if ('known' in term && operator === 'neg' && typeof term.known === 'number') return known(-term.known);
  return open(operator, term);
}

/** Comparisons are written one way round, so that a condition and its opposite share their atom. */
function binary(operator: string, left: Term, right: Term, scene: Scene): Term {
  switch (operator) {
    case '!=': return opposite(binary('==', left, right, scene));
    case '>': return binary('<', right, left, scene);
    case '<=': return opposite(binary('<', right, left, scene));
    case '>=': return opposite(binary('<', left, right, scene));
    case '==': return equality(left, right);
    default: return settled(operator, left, right, scene) ?? open(operator, left, right);
  }
}

function equality(left: Term, right: Term): Term {
  const answer = 'known' in left && 'known' in right ? equal(left.known, right.known) : undefined;
  if (answer !== undefined) return known(answer);
  const [one, other] = [left, right].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) as [Term, Term];
  return open('==', one, other);
}

/** The value of an operation whose operands are known; undefined where they are not, or where it is not followed. */
function settled(operator: string, left: Term, right: Term, scene: Scene): Term | undefined {
  if (!('known' in left)) return undefined;
  const one = left.known;
  if (operator === 'hasTag' || operator === 'getTag') return typeof one === 'object' && isEntity(one) ? (operator === 'hasTag' ? hasTag : tagOf)(one, right, scene) : undefined;
  if (!('known' in right)) return undefined;
  const other = right.known;
  if (operator === 'in') return inside(one, other, scene);
  if (typeof one === 'number' && typeof other === 'number') return arithmetic(operator, one, other);
  if (typeof one !== 'object' || !isSet(one)) return undefined;
  if (operator === 'contains') return known(one.set.some((member) => equal(member, other) === true));
  if (typeof other !== 'object' || !isSet(other)) return undefined;
  if (operator === 'containsAll') return known(contains(one, other));
  return operator === 'containsAny' ? known(other.set.some((member) => contains(one, { set: [member] }))) : undefined;
}

function inside(one: Constant, other: Constant, scene: Scene): Term | undefined {
  if (typeof one !== 'object' || !isEntity(one) || typeof other !== 'object') return undefined;
  const above = isEntity(other) ? [other] : isSet(other) ? other.set : [];
  return known(above.some((each) => typeof each === 'object' && isEntity(each) && isIn(one, each, scene)));
}

function arithmetic(operator: string, one: number, other: number): Term | undefined {
  if (operator === '<') return known(one < other);
  const value = operator === '+' ? one + other : operator === '-' ? one - other : operator === '*' ? one * other : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? known(value) : undefined;
}
