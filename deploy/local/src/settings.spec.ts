import { describe, expect, it } from 'vitest';
import { portsFrom, targetConnectionsFrom } from './settings.js';

describe('portsFrom', () => {
  it('answers the usual ports', () => {
    expect(portsFrom({}, {})).toEqual({ api: 8800, issuer: 8801, connector: 15432, target: 15433, views: 15434, nats: 14222, natsMonitor: 18222 });
  });

  it('moves what a variable names, and remembers the first start', () => {
    const ports = portsFrom({ INTERLOCK_API_PORT: '9000' }, { api: 9100, issuer: 9101 });
    expect([ports.api, ports.issuer]).toEqual([9000, 9101]);
  });

  it.each(['0', '65536', 'x', '1.5', '-1'])('refuses %j as a port and names the variable', (text) => {
    expect(() => portsFrom({ INTERLOCK_NATS_PORT: text }, {})).toThrow('INTERLOCK_NATS_PORT');
  });

  it('refuses one port for two parts', () => {
    expect(() => portsFrom({ INTERLOCK_NATS_PORT: '8800' }, {})).toThrow('Port 8800 is named twice');
  });

  it('refuses to move what the configuration names, but not what it does not', () => {
    expect(() => portsFrom({ INTERLOCK_ISSUER_PORT: '9000' }, { issuer: 8801 })).toThrow('made with the demonstration issuer on port 8801');
    expect(portsFrom({ INTERLOCK_VIEWS_PORT: '9000' }, { views: 15434 }).views).toBe(9000);
  });
});

describe('targetConnectionsFrom', () => {
  it('answers what the environment names, or the usual number', () => expect([targetConnectionsFrom({}), targetConnectionsFrom({ INTERLOCK_TARGET_CONNECTIONS: '1500' })]).toEqual([120, 1500]));
  it.each(['119', '10001', 'x', '1e3.5', '-5'])('refuses %j and names the variable', (text) => expect(() => targetConnectionsFrom({ INTERLOCK_TARGET_CONNECTIONS: text })).toThrow('INTERLOCK_TARGET_CONNECTIONS'));
});
