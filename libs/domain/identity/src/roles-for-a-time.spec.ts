import { Configuration, type AccessState } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { rolesNow } from './roles-for-a-time.js';

const HOUR_MS = 3_600_000;
const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (hours: number): string => new Date(T0 + hours * HOUR_MS).toISOString();
const OFFER = { for: ['etl', 'claimed'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 8 };

const configurationWith = (onRequest: object | undefined = OFFER) => Configuration.parse({
  version: 1, targets: [], administration: { changes: ['r'], secrets: ['r'], audit: ['r'], locks: ['r'] },
  issuers: [{ name: 'corp', url: 'https://corp', audience: 'interlock', algorithms: ['EdDSA'] }, { name: 'by-token', url: 'https://by-token', audience: 'interlock', algorithms: ['EdDSA'], rolesClaim: 'roles' }],
  roles: [{ name: 'fixer', ...(onRequest && { onRequest }) }],
  principals: [
    { name: 'etl', kind: 'agent', issuer: 'corp', subject: 's-etl', roles: ['own'] }, { name: 'other', kind: 'agent', issuer: 'corp', subject: 's-other' },
    { name: 'claimed', kind: 'agent', issuer: 'by-token', subject: 's-claimed' },
  ],
});

function state(more: Partial<AccessState> = {}, principal: object = {}, request: object = {}): AccessState {
  return {
    id: 'a', revision: 2, status: 'granted', votes: [], from: at(0), until: at(8),
    request: { principal: { name: 'etl', issuer: 'https://corp', subject: 's-etl', ...principal }, role: 'fixer', seconds: 8 * 3_600, approvers: OFFER.approvers, ...request }, ...more,
  } as unknown as AccessState;
}

const rolesOf = (configuration: Configuration, name: string) => configuration.principals.find((entry) => entry.name === name)!.roles.join();
const seen = (states: AccessState[], configuration = configurationWith(), hours = 1) => ['etl', 'other', 'claimed'].map((name) => rolesOf(rolesNow(configuration, states, T0 + hours * HOUR_MS).configuration, name)).join('|');

describe('the roles of a moment', () => {
  it.each<[string, string, string]>([
    ['are one’s own where nothing was granted', seen([]), 'own||'],
    ['have what was granted, for that principal alone', seen([state()]), 'own,fixer||'],
    ['have it from its first moment', seen([state()], undefined, 0), 'own,fixer||'],
    ['not before', seen([state()], undefined, -0.001), 'own||'],
    ['to its last', seen([state()], undefined, 7.999), 'own,fixer||'],
    ['and not after', seen([state()], undefined, 8), 'own||'],
    ['not what waits', seen([state({ status: 'pending' })]), 'own||'],
    ['not what has no time', seen([state({ from: 'now', until: 'then' })]), 'own||'],
    ['not for another of that name', seen([state({}, { subject: 's-x' })]), 'own||'],
    ['not for another of that name at another issuer', seen([state({}, { issuer: 'https://by-token' })]), 'own||'],
    ['not for whom it is not offered', seen([state({}, { name: 'other', subject: 's-other' })]), 'own||'],
    ['not where tokens carry roles', seen([state({}, { name: 'claimed', issuer: 'https://by-token', subject: 's-claimed' })]), 'own||'],
    ['not another role', seen([state({}, {}, { role: 'dba' })]), 'own||'],
    ['not when it is offered no more', seen([state()], Configuration.parse({ ...configurationWith(), roles: [{ name: 'fixer' }] })), 'own||'],
    ['not when it is offered to others', seen([state()], configurationWith({ ...OFFER, for: ['other'] })), 'own||'],
    ['not when others would decide about it now', seen([state()], configurationWith({ ...OFFER, approvers: [{ role: 'dba', count: 2 }] })), 'own||'],
    ['not when it is offered for less time', seen([state()], configurationWith({ ...OFFER, hoursMax: 7 })), 'own||'],
  ])('%s', (_what, roles, expected) => expect(roles).toBe(expected));

  it('say when they change', () => {
    const until = (states: AccessState[], hours: number) => (rolesNow(configurationWith(), states, T0 + hours * HOUR_MS).untilMs - T0) / HOUR_MS;
    expect([until([], 0), until([state()], -1), until([state()], 1), until([state(), state({ until: at(2) })], 1), until([state()], 8)]).toEqual([Infinity, 0, 8, 2, Infinity]);
  });

  it('are the configuration itself where nothing was granted', () => {
    const configuration = configurationWith();
    expect(rolesNow(configuration, [], T0).configuration).toBe(configuration);
  });
});
