import type { Trust } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { generateServiceKeys, ServiceKeys } from './service-keys.js';
import { producerVerifier, sealFor } from './trusted.js';

const keys = new ServiceKeys('vault', { nkeySeed: '', ...generateServiceKeys() });
const trust: Trust = { services: { vault: { signingKey: keys.publicSigningKey, sealingKey: keys.publicSealingKey } } };

describe('by trust.json', () => {
  it('a box is sealed to the service it names', () => {
    expect(keys.openText(sealFor(trust, 'vault', 'secret', Buffer.from('word')), 'secret')).toEqual({ ok: true, value: 'word' });
  });

  it.each(['audit', 'constructor'])('nothing is sealed to %s, which it does not name', (service) => {
    expect(() => sealFor(trust, service, 'secret', Buffer.from('word'))).toThrow(`trust.json names no ${service}`);
  });

  it('a producer signs for itself, and a stranger for nobody', () => {
    const verify = producerVerifier(trust);
    const signature = keys.signBase64('text');
    expect([verify('vault', 'text', signature), verify('vault', 'other', signature), verify('audit', 'text', signature), verify('constructor', 'text', signature)]).toEqual([true, false, false, false]);
  });
});
