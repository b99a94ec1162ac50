import type { Trust } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { connectorOf } from './connector.js';

const keys = { signingKey: 'signing', sealingKey: 'sealing' };
const trust: Trust = { services: { 'connector-postgres': keys, vault: keys } };

describe('a connector', () => {
  it('is a service of this installation whose name says so', () => expect(connectorOf('connector-postgres', trust)).toBe(keys));
  it.each(['vault', 'connector-mysql', 'connector-', 'connector-postgres ', 'toString', '__proto__', ''])('is not %j', (name) => expect(connectorOf(name, trust)).toBeUndefined());
});
