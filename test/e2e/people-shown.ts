import { beforeAll, describe, expect, it } from 'vitest';
import { interlock } from './system/cli.js';
import { nodePg } from './system/clients.js';
import { changeConfiguration } from './system/configuration.js';
import { eventually } from './system/eventually.js';
import { makeDatabase, protect } from './system/fixture.js';
import { processesOf, type Place } from './system/installation.js';

const PEOPLE = 'people';
const RECOVERY_MS = 45_000;
const POLICY = `@id("people-agent") permit (principal == Agent::"agent-etl", action == Action::"select", resource in Target::"${PEOPLE}");`;
const BUDGET = { name: 'five-people', of: { principal: 'agent-etl' }, target: PEOPLE, what: 'subjects', subjects: ['public.people.id'], most: 5, windowSeconds: 31 * 86_400 };

/** A budget of five people, while the connectors are killed. */
export function peopleShownThroughKills(installation: () => Place): void {
  describe('five people that an agent may be shown, while the connectors are killed', () => {
    let place: Place;
    beforeAll(async () => {
      place = installation();
      await makeDatabase(place, PEOPLE, ["create table people as select n as id, 'name ' || n as name from generate_series(1, 20) n", 'grant select on people to public']);
      await protect(place, PEOPLE, { policy: POLICY, masked: [] });
      await changeConfiguration(place, (settings) => void (settings.budgets = [...(settings.budgets ?? []), BUDGET]), []);
    }, 60_000);

    /** Whom a session of its own is shown, or why not. */
    async function look(where: string): Promise<number[] | string> {
      const client = await nodePg(place, 'agent-etl', PEOPLE);
      try {
        return await client.query<{ id: number }>(`select id, name from people where ${where} order by id`).then(({ rows }) => rows.map(({ id }) => id), (fault: Error) => fault.message);
      } finally {
        await client.end().catch(() => undefined);
      }
    }

    /** Another process takes its place by itself. */
    async function kill(): Promise<void> {
      const before = processesOf(place)['connectors'];
      process.kill(before!, 'SIGKILL');
      await eventually('the connectors are back', async () => processesOf(place)['connectors'] !== before && Array.isArray(await look('id = 1')), { withinMs: RECOVERY_MS });
    }

    it('are never more, stay the same, and are all of them', async () => {
      expect(await look('id <= 2')).toEqual([1, 2]);
      await kill();
      expect(await Promise.all([look('id between 2 and 3'), look('id between 3 and 4'), look('id <= 2')])).toEqual([[2, 3], [3, 4], [1, 2]]);
      await kill();
      expect(await look('id <= 5')).toEqual([1, 2, 3, 4, 5]);
      expect(await look('id = 6')).toContain('Budget five-people limits the subjects of principal agent-etl');
      expect(await look("name = 'name 2' or id > 0")).toContain('Budget five-people');
      await eventually('it is listed', async () => /^five-people +principal agent-etl +5 +0 +5 /m.test((await interlock(place, 'auditor', ['budgets', 'list'])).said));
    }, 2 * RECOVERY_MS);
  });
}
