import type { PolicyFile } from '@interlock/contracts';

/** A small configuration that holds together: two people who may change it, one agent, one target, one rule. */
export const YAML = `version: 1
issuers:
  - name: demo
    url: http://127.0.0.1:8801
    audience: interlock
    algorithms: [EdDSA]
principals:
  - { name: agent-etl, kind: agent, issuer: demo, subject: agent-etl, roles: [etl], owners: [dba] }
  - { name: dba, kind: human, issuer: demo, subject: dba, roles: [dba] }
  - { name: security, kind: human, issuer: demo, subject: security, roles: [security] }
targets:
  - name: shop
    protocol: postgres
    host: 127.0.0.1
    database: shop
    tls: require
administration:
  changes: [dba, security]
  secrets: [security]
  audit: [security]
  locks: [security]
`;

export const CEDAR = '@id("etl-reads")\npermit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");\n';

export function files(yaml = YAML, cedar = CEDAR): PolicyFile[] {
  return [{ file: 'interlock.yaml', text: yaml }, { file: 'policies/shop.cedar', text: cedar }];
}
