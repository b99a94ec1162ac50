import { Configuration, type Principal } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { linksBetween } from './links.js';

const configuration = Configuration.parse({
  version: 1, targets: [], administration: { changes: ['r'], secrets: ['r'], audit: ['r'], locks: ['r'] },
  issuers: [{ name: 'corp', url: 'https://corp', audience: 'interlock', algorithms: ['EdDSA'] }],
  principals: [
    { name: 'etl', kind: 'agent', issuer: 'corp', subject: 'etl', owners: ['alice'] },
    { name: 'made', kind: 'agent', issuer: 'corp', subject: 'made', owners: ['carol'], createdBy: ['alice'], scheduledBy: ['bob'] },
    { name: 'sub', kind: 'agent', issuer: 'corp', subject: 'sub', owners: ['etl'] },
    ...['alice', 'bob', 'carol'].map((name) => ({ name, kind: 'human', issuer: 'corp', subject: name })),
    { name: 'alice-2', kind: 'human', issuer: 'corp', subject: 'alice-2', human: 'alice' },
  ],
});

const principal = (name: string, party: string[], more: Partial<Principal> = {}): Principal => ({ name, kind: 'human', issuer: 'https://corp', subject: name, roles: [], party, ...more });
const ALICE = principal('alice', ['alice']);
const ETL = principal('etl', ['alice'], { kind: 'agent' });
const MADE = principal('made', ['alice', 'bob', 'carol'], { kind: 'agent' });
const OWNED = 'alice owns etl';

describe('the links by which two share a human', () => {
  it.each<[string, Principal, Principal, readonly string[]]>([
    ['an owner', ALICE, ETL, [OWNED]],
    ['a second account of the owner', principal('alice-2', ['alice']), ETL, ['alice-2 is another account of the human alice', OWNED]],
    ['an owner of the owner', ALICE, principal('sub', ['alice'], { kind: 'agent' }), ['alice stands behind sub through etl']],
    ['whoever made it', ALICE, MADE, ['alice made made']],
    ['whoever has it run', principal('bob', ['bob']), MADE, ['bob has made run']],
    ['a delegator', ALICE, principal('alice', ['alice', 'bob'], { kind: 'agent', actors: ['etl'] }), ['etl acts with a token that alice delegated to it']],
    ['someone behind an actor', ALICE, principal('bob', ['alice', 'bob'], { kind: 'agent', actors: ['etl'] }), ['alice stands behind etl, which acts with the token of bob']],
    ['nobody', principal('bob', ['bob']), ETL, []],
    ['someone the configuration does not know', ALICE, principal('gone', ['alice']), []],
  ])('%s', (_what, first, second, expected) => expect(linksBetween(first, second, configuration)).toEqual(expected));
});
