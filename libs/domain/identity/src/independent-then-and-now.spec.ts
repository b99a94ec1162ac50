import { Configuration, type Principal } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { independentThenAndNow } from './independent-then-and-now.js';

const agent = (owners: readonly string[], more: object = {}) => ({ name: 'etl', kind: 'agent', issuer: 'corp', subject: 's-etl', owners, ...more });
const person = (name: string, more: object = {}) => ({ name, kind: 'human', issuer: 'corp', subject: `s-${name}`, ...more });
const ALICE = person('alice');
const BOB = person('bob');

const configurationOf = (principals: readonly object[]) => Configuration.parse({
  version: 1, principals, targets: [], administration: { changes: ['r'], secrets: ['r'], audit: ['r'], locks: ['r'] },
  issuers: [{ name: 'corp', url: 'https://corp', audience: 'interlock', algorithms: ['EdDSA'] }],
});

function then(name: string, party: readonly string[], more: Partial<Principal> = {}): Principal {
  return { name, kind: name === 'etl' ? 'agent' : 'human', issuer: 'https://corp', subject: `s-${name}`, roles: [], party: [...party], ...more };
}

const ETL = then('etl', ['alice']);
const BOB_THEN = then('bob', ['bob']);

describe('two principals, as they were and as they are', () => {
  it.each<[string, readonly object[], Principal, Principal, string]>([
    ['are apart when they were and are', [agent(['alice']), ALICE, BOB], ETL, BOB_THEN, 'apart'],
    ['are the same one', [agent(['alice']), ALICE, BOB], BOB_THEN, BOB_THEN, 'not_independent'],
    ['shared a human then and no longer do', [agent(['alice']), ALICE, BOB], then('etl', ['alice', 'bob']), BOB_THEN, 'not_independent'],
    ['share a human since', [agent(['alice', 'bob']), ALICE, BOB], ETL, BOB_THEN, 'not_independent'],
    ['share a human since, behind the owner of the owner', [agent(['etl-2']), agent(['bob'], { name: 'etl-2', subject: 's-etl-2' }), ALICE, BOB], ETL, BOB_THEN, 'not_independent'],
    ['turn out to be two accounts of one human', [agent(['alice']), ALICE, person('bob', { human: 'alice' })], ETL, BOB_THEN, 'not_independent'],
    ['share who was behind one then and is behind the other now', [agent(['carol']), ALICE, person('carol'), person('bob', { human: 'alice' })], ETL, BOB_THEN, 'not_independent'],
    ['were of unknown humans then', [agent(['alice']), ALICE, BOB], then('etl', []), BOB_THEN, 'party_unknown'],
    ['are of unknown humans now', [agent(['gone']), ALICE, BOB], ETL, BOB_THEN, 'party_unknown'],
    ['lost one of them since', [ALICE, BOB], ETL, BOB_THEN, 'party_unknown'],
    ['lost one of them since to another of the same name', [agent(['alice'], { subject: 'another' }), ALICE, BOB], ETL, BOB_THEN, 'party_unknown'],
    ['share the human behind an actor since', [agent(['bob']), ALICE, BOB], then('alice', ['alice', 'carol'], { kind: 'agent', actors: ['etl'] }), BOB_THEN, 'not_independent'],
    ['lost an actor since', [ALICE, BOB], then('alice', ['alice', 'carol'], { kind: 'agent', actors: ['etl'] }), BOB_THEN, 'party_unknown'],
  ])('%s', (_what, principals, one, other, expected) => {
    const configuration = configurationOf(principals);
    for (const outcome of [independentThenAndNow(one, other, configuration), independentThenAndNow(other, one, configuration)]) {
      expect(outcome.ok ? 'apart' : outcome.refusal.reason).toBe(expected);
    }
  });
});
