import { describe, expect, it } from 'vitest';
import { startHost } from './host.js';
import { HOSTS, isServiceName, ISOLATED_HOSTS, loadService, SERVICE_DOORS, type ServiceName } from './services.js';

const names = Object.keys(SERVICE_DOORS) as ServiceName[];

describe('the services', () => {
  it.each(names)('%s has a door with a start function', async (name) => {
    expect(typeof (await loadService(name))).toBe('function');
  }, 30_000);

  it('each live in exactly one host', () => {
    expect(Object.values(HOSTS).flat().toSorted()).toEqual(names.toSorted());
    expect(Object.values(ISOLATED_HOSTS).flat().toSorted()).toEqual(names.toSorted());
  });

  it('are known by name only', () => {
    expect([isServiceName('vault'), isServiceName('toString'), isServiceName('')]).toEqual([true, false, false]);
  });

  it('do not start in an empty environment, and say which variables they miss', async () => {
    await expect(startHost(['identity'], {})).rejects.toThrow('INTERLOCK_NATS_URL is not set');
  });
});
