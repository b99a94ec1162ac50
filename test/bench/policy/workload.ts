import { DEMO_DAY, type Random } from './random.js';
import { VERBS, type Action, type Bundle, type Principal, type Target, type Verb } from '@interlock/contracts';

/** What is decided about: as many principals and tables as a large company has behind one connector. */
export const PRINCIPALS = 10_000;
const ROLES = 200;
const TABLES = 2_000;
const TARGET: Target = { name: 'shop', protocol: 'postgres', host: 'db', port: 5432, database: 'shop', tls: 'require', labels: { env: 'production' } };
const USED: readonly Verb[] = ['select', 'select', 'select', 'insert', 'update', 'delete'];

export interface Request {
  readonly principal: Principal;
  readonly target: Target;
  readonly action: Action;
}

/**
 * So many rules as a company writes them: half let a role do a verb or a duty to one table, a quarter to a whole schema, the rest forbid
 * by a fact or a label, every fourth of those lifted by people.
 */
export function bundleOf(rules: number): Bundle {
  return {
    version: 1, change: 'c', author: 'a', approvedBy: [], createdAt: DEMO_DAY, policies: policyFiles(rules),
    configuration: {
      version: 1, issuers: [], principals: [], targets: [TARGET], masking: { columns: [], content: [] },
      administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
    },
  };
}

const RULES_A_FILE = 500;

function policyFiles(count: number): Bundle['policies'] {
  const rules = Array.from({ length: count }, (_, at) => ruleText(at));
  return Array.from({ length: Math.ceil(count / RULES_A_FILE) }, (_, at) => ({ file: `policies/p${at}.cedar`, text: rules.slice(at * RULES_A_FILE, (at + 1) * RULES_A_FILE).join('\n') }));
}

function ruleText(at: number): string {
  const role = `Role::"role-${(at * 7) % ROLES}"`;
  const table = `Table::"shop/public/t${(at * 13) % TABLES}"`;
  switch (at % 4) {
    case 0: return `@id("r${at}") permit (principal in ${role}, action in Action::"read", resource == ${table});`;
    case 1: return `@id("r${at}") permit (principal in ${role}, action == Action::"${USED[at % USED.length]}", resource == ${table});`;
    case 2: return `@id("r${at}") permit (principal in ${role}, action in Action::"read", resource in Schema::"shop/public") when { context.statementCount == 1 };`;
    default: {
      const lift = at % 16 === 3 ? '@approvers("dba") @window("15m") ' : '';
      return `@id("r${at}") @reason("Rule ${at} forbids it.") ${lift}forbid (principal in ${role}, action == Action::"${at % 8 === 3 ? 'delete' : 'update'}", resource == ${table}) when { !context.hasWhere };`;
    }
  }
}

export function principals(): readonly Principal[] {
  return Array.from({ length: PRINCIPALS }, (_, at) => ({
    name: `agent-${at}`, kind: 'agent', issuer: 'https://issuer.example', subject: `agent-${at}`, roles: [`role-${at % ROLES}`, `role-${(at * 3 + 1) % ROLES}`], party: [`human-${at % 997}`],
  }));
}

/** Requests of which hardly two have the same shape: the text differs, and so do principal, table and columns. */
export function requests(count: number, people: readonly Principal[], random: Random): readonly Request[] {
  return Array.from({ length: count }, (_, at) => {
    const verb = USED[random(USED.length)]!;
    const table = `t${random(TABLES)}`;
    return { principal: people[random(people.length)]!, target: TARGET, action: actionOn(verb, table, `${verb} ${table} ${at}`, random(4) > 0) };
  });
}

function actionOn(verb: Verb, table: string, text: string, hasWhere: boolean): Action {
  return {
    protocol: 'postgres', verb, text, parameters: [], facts: { hasWhere, tautology: false, statementCount: 1, functions: [], volatileFunctions: [] }, context: { database: 'shop', search_path: 'public' },
    accesses: [{ verb, duty: VERBS[verb], object: { kind: 'table', path: ['shop', 'public', table] }, columnsRead: ['id', 'state'] }],
  };
}
