import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { Bundle } from '@interlock/contracts';
import type { Request } from './workload.js';

/**
 * The same rules in Cedar alone: one parsed set of all of them, the entities of one request, no slices and no memory. What Interlock's
 * judge does beside it is taken away, what Cedar does with it is not.
 */
export function bareCedar(bundle: Bundle, name: string): (request: Request) => string {
  const rules = bundle.policies.flatMap(({ text }) => text.split('\n'));
  const staticPolicies = Object.fromEntries(rules.map((text) => [/@id\("([^"]+)"\)/.exec(text)![1]!, text]));
  const answers = [preparsePolicySet(name, { staticPolicies }), preparseSchema(name, SCHEMA)];
  for (const answer of answers) if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  return (request) => {
    const answer = statefulIsAuthorized({ ...questionOf(request), preparsedPolicySetId: name, preparsedSchemaName: name, validateRequest: false });
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
    return answer.response.decision;
  };
}

function questionOf({ principal, target, action }: Request) {
  const { verb, object } = action.accesses[0]!;
  const [schema = '', table = ''] = object.path.slice(1);
  const who = { type: 'Agent', id: principal.name };
  const top = { type: 'Target', id: target.name };
  const below = { type: 'Schema', id: `${target.name}/${schema}` };
  const what = { type: 'Table', id: `${target.name}/${schema}/${table}` };
  return {
    principal: who, action: { type: 'Action', id: verb }, resource: what,
    context: { hasWhere: action.facts['hasWhere'] as boolean, statementCount: action.facts['statementCount'] as number },
    entities: [
      { uid: who, attrs: {}, parents: principal.roles.map((id) => ({ type: 'Role', id })) },
      { uid: what, attrs: {}, parents: [below] }, { uid: below, attrs: {}, parents: [top] }, { uid: top, attrs: {}, parents: [] },
    ],
  };
}

const APPLIES = 'appliesTo { principal: Agent, resource: Table, context: { hasWhere: Bool, statementCount: Long } }';
const SCHEMA = [
  'entity Role; entity Agent in [Role]; entity Target; entity Schema in [Target]; entity Table in [Schema];',
  `action read; action create; action modify; action delete ${APPLIES};`,
  `action select in [read] ${APPLIES}; action insert in [create] ${APPLIES}; action update in [modify] ${APPLIES};`,
].join('\n');
