import type { Configuration, Principal, PrincipalEntry } from '@interlock/contracts';

export function person(name: string, ...roles: string[]): PrincipalEntry {
  return { name, kind: 'human', issuer: 'demo', subject: name, roles, owners: [] };
}

export function agent(name: string, owners: string[], ...roles: string[]): PrincipalEntry {
  return { name, kind: 'agent', issuer: 'demo', subject: name, roles, owners };
}

export function principal(name: string): Principal {
  return { name, kind: 'human', issuer: 'demo', subject: name, roles: ['dba'], party: [name] };
}

export function configuration(more: Partial<Configuration> = {}): Configuration {
  return {
    version: 1,
    issuers: [{ name: 'demo', url: 'https://issuer.test', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
    principals: [person('dba', 'dba'), person('security', 'security'), person('auditor', 'auditor'), agent('agent-etl', ['dba'], 'etl')],
    targets: [{ name: 'shop', protocol: 'postgres', host: 'db', port: 5432, database: 'shop', tls: 'require', labels: {} }],
    masking: { columns: [], content: [] },
    administration: { changes: ['dba', 'security'], secrets: ['security'], audit: ['auditor'], locks: ['security'] },
    ...more,
  };
}
