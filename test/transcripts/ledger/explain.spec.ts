import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '@interlock/contracts';
import { tellOfAgreement } from './agreement-story.js';
import { EvidenceWorld, RISK } from './evidence-world.js';

let world: EvidenceWorld;
let told: Awaited<ReturnType<typeof tellOfAgreement>>;

beforeAll(async () => {
  world = await EvidenceWorld.start();
  const session = await (await world.connector()).session();
  told = await tellOfAgreement(session);
  await session.tell('command.refused.v1', { principal: 'agent-etl', target: 'shop', text: 'selec', textHash: 'h', reason: 'syntax_error', detail: 'It is no SQL.' }, 'misspelt');
  await session.tell('command.refused.v1', { principal: 'agent-etl', target: 'shop', text: 'x', textHash: 'h', reason: 'masking_unsafe', detail: 'It is masked.', rule: 'email', hint: 'Select it.', bundleVersion: 4 }, 'masked');
  await session.close();
  await world.settled();
}, 120_000);
afterAll(() => world?.close(), 60_000);

async function explained(id: string, who = 'auditor'): Promise<Explanation> {
  const answer = await world.ask(who, 'audit.explain', { id });
  if (!answer.ok) throw new Error(`${answer.refusal.reason}: ${answer.refusal.detail}`);
  return answer.value.explanation;
}

describe('a recorded decision', () => {
  it('is explained by its command, by each event that decided about it, and by its approval', async () => {
    const byCommand = await explained(told.agreed);
    expect(byCommand).toMatchObject({
      command: told.agreed, principal: 'agent-etl', target: 'shop', text: 'delete 1', verb: 'delete', facts: { hasWhere: true },
      decisions: [{ outcome: 'ask', bundleVersion: 1, ask: { quorum: [{ role: 'dba', count: 1 }] }, risk: RISK, reasons: [{ rule: 'reads', effect: 'forbid', message: 'by rule' }] }, { outcome: 'allow', bundleVersion: 1 }],
      approval: { status: 'consumed', votes: [{ approver: 'dba', verdict: 'approve' }] }, outcome: { status: 'completed' }, lift: [],
    });
    for (const id of [...byCommand.decisions.map(({ event }) => event), byCommand.approval!.grant]) expect(await explained(id)).toEqual(byCommand);
  });

  it('tells what would lift it', async () => {
    expect((await explained(told.disagreed)).lift).toEqual([expect.stringMatching(/^Approval .* is denied, and serves no more\. Sent again, the command waits anew for 1 of role dba\.$/)]);
    expect((await explained(told.refused)).lift).toEqual(['A change of rule reads, proposed with `interlock apply` and approved by a second person.']);
    expect(await explained('misspelt')).toMatchObject({ text: 'selec', decisions: [{ outcome: 'refused', reasons: [{ rule: 'syntax_error', message: 'It is no SQL.' }] }], lift: [expect.stringContaining('No approval lifts it')] });
    expect(await explained('masked')).toMatchObject({ decisions: [{ outcome: 'refused', bundleVersion: 4, reasons: [{ rule: 'email', message: 'It is masked.', hint: 'Select it.' }] }], lift: ['Select it.'] });
  });

  it('is told whole to auditors, to its principal and to the humans behind it; without its text to those who change rules; to nobody else', async () => {
    const whole = await explained(told.agreed);
    for (const who of ['agent-etl', 'owner-etl']) expect(await explained(told.agreed, who), who).toEqual(whole);
    const { text: _text, parameters: _parameters, ...rest } = await explained(told.refused);
    expect(await explained(told.refused, 'dba')).toEqual({ ...rest, withheld: expect.any(String) });
    // Those who are asked to agree are shown what they are asked about.
    expect(await explained(told.agreed, 'dba')).toEqual(whole);
    // An agent of the same owner, whatever its roles, is not the one who asked.
    for (const [who, reason] of [['agent-twin', 'not_concerned'], ['visitor', 'not_concerned'], ['nobody', 'principal_unknown']] as const) {
      expect(await world.ask(who, 'audit.explain', { id: told.agreed }), who).toMatchObject({ ok: false, refusal: { reason } });
    }
    expect(await world.ask('auditor', 'audit.explain', { id: 'nowhere' })).toMatchObject({ ok: false, refusal: { reason: 'not_found' } });
  });
});
