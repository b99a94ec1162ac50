import { describe, expect, it } from 'vitest';
import type { Principal } from '@interlock/contracts';
import { isSamePrincipal } from './index.js';

const dana: Principal = { name: 'dana', kind: 'human', issuer: 'i', subject: 'd', roles: ['dba'], party: ['dana'] };

describe('one identity', () => {
  it.each<[string, Partial<Principal>, boolean]>([
    ['stays one under another name, in other roles and of another party', { name: 'dana-2', roles: [], party: [] }, true],
    ['is another of another issuer', { issuer: 'j' }, false],
    ['is another by another subject, whatever it is called', { subject: 'e' }, false],
  ])('%s', (_what, more, expected) => expect([isSamePrincipal(dana, { ...dana, ...more }), isSamePrincipal({ ...dana, ...more }, dana)]).toEqual([expected, expected]));
});
