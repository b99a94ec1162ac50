import { RiskModel, VERBS, type Access, type Action, type Circumstances, type FactValue, type Target, type Verb } from '@interlock/contracts';

export const SHOP: Target = { name: 'shop', protocol: 'postgres', host: 'db', port: 5432, database: 'shop', tls: 'require', labels: { env: 'production' } };

/** A Wednesday. */
export const NOON = '2026-01-07T12:00:00.000Z';

export function model(part: Record<string, unknown>): RiskModel {
  return RiskModel.parse({ thresholds: { deny: 1 }, ...part });
}

export function access(verb: Verb, name = 'orders', kind: Access['object']['kind'] = 'table', schema = 'public'): Access {
  const path = kind === 'target' ? ['shop'] : kind === 'schema' ? ['shop', name] : ['shop', schema, name];
  return { verb, duty: VERBS[verb], object: { kind, path } };
}

export function action(accesses: readonly Access[], facts: Record<string, FactValue> = {}): Action {
  return { protocol: 'postgres', verb: accesses[0]?.verb ?? 'select', text: 'the text', parameters: [], accesses: [...accesses], facts: { opaque: false, ...facts }, context: {} };
}

export function circumstances(part: Partial<Circumstances> = {}): Circumstances {
  return { at: NOON, recent: [], exercised: [], ...part };
}
