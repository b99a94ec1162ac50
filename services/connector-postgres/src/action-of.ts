import type { Access, Action, Parameter } from '@interlock/contracts';
import type { Interpretation } from '@interlock/language-postgres';

const NO_FACTS: Action['facts'] = { hasWhere: false, tautology: false, statementCount: 0, opaque: false, functions: [], volatileFunctions: [], transactionControl: '' };
const PREPARE_FACTS: Action['facts'] = { ...NO_FACTS, statementCount: 1 };
const onTarget = new Map<string, { readonly prepare: Access[]; readonly select: Access[] }>();

/** An access to the target itself, the same object every time so that its digest is known. */
function targetAccess(target: string, verb: 'prepare' | 'select'): Access[] {
  let known = onTarget.get(target);
  if (!known) {
    const object = { kind: 'target' as const, path: [target] };
    known = { prepare: [{ verb: 'prepare', duty: 'read', object }], select: [{ verb: 'select', duty: 'read', object }] };
    onTarget.set(target, known);
  }
  return known[verb];
}

/** Of a statement that is only to be prepared: it reads nothing yet. */
export function preparationOf(text: string, context: Action['context'], target: string): Action {
  return { protocol: 'postgres', verb: 'prepare', text, parameters: [], accesses: targetAccess(target, 'prepare'), facts: PREPARE_FACTS, context };
}

/** Of what a statement means; a text without one reads nothing of the target but its answer. */
export function actionOf(meaning: Interpretation | undefined, text: string, parameters: readonly Parameter[], context: Action['context'], target: string): Action {
  const { verb, accesses, facts } = meaning ?? { verb: 'select', accesses: targetAccess(target, 'select'), facts: NO_FACTS };
  return { protocol: 'postgres', verb, text, parameters: parameters as Parameter[], accesses: accesses as Access[], facts: facts as Action['facts'], context };
}
