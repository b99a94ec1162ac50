import { describe, expect, it } from 'vitest';
import { YAML } from '../spec/files.js';
import { canonicalFile } from './canonical-file.js';

const canonical = (text: string, file = 'interlock.yaml'): string => canonicalFile({ file, text }).text;

describe('the canonical text of a file', () => {
  it('is the same whatever the layout, the order of keys and the comments', () => {
    const otherwise = YAML.replace('tls: require', '"tls": "require" # for now').replace(/^( {2}- )(name: shop)\n {4}(protocol: postgres)/m, '$1$3\n    $2');
    expect(otherwise).not.toBe(YAML);
    expect(canonical(otherwise)).toBe(canonical(YAML));
  });

  it('follows aliases, so that what an anchor gives stands where it is given', () => {
    const shared = YAML.replace(/roles: \[dba\]/, 'roles: &all [dba]').replace(/roles: \[security\]/, 'roles: *all');
    expect(canonical(shared)).toBe(canonical(YAML.replace(/roles: \[security\]/, 'roles: [dba]')));
  });

  it('differs where the meaning does', () => expect(canonical(YAML.replace('tls: require', 'tls: disable'))).not.toBe(canonical(YAML)));

  it.each([['a rule', 'policies/a.cedar', '// c\npermit (principal, action, resource);'], ['what cannot be read', 'interlock.yaml', 'version: [']])('of %s is what is written', (_what, file, text) => expect(canonical(text, file)).toBe(text));
});
