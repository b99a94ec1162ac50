import { refused, sha256Hex } from '@interlock/kernel';
import { contentHash } from '@interlock/domain-policy';
import { describe, expect, it } from 'vitest';
import { installation, tokenOf } from '../../spec/desk.js';
import type { ChangeDesk } from './change-desk.js';
import { CEDAR, files, YAML } from '../../../../libs/authoring/spec/files.js';

const NEXT = files(YAML, `${CEDAR}@id("no-drop") @reason("Nothing is dropped.")\nforbid (principal, action == Action::"drop", resource);\n`);
const STORED_ONLY = { ok: false, refusal: { reason: 'ledger_unavailable', retryable: true, detail: expect.stringContaining('is stored') } };
const OTHER = files(YAML.replace('host: 127.0.0.1', 'host: elsewhere'));

/** Agrees to what the desk shows. */
async function approve(desk: ChangeDesk, who: string, id: string) {
  const shown = await desk.show(id);
  return desk.decide(tokenOf(who), id, { verdict: 'approve', digest: shown.ok ? shown.value.digest : undefined });
}

async function bootstrapped() {
  const made = installation();
  const desk = made.desk();
  expect(await desk.propose(tokenOf('dba'), files())).toMatchObject({ ok: true });
  return { ...made, another: made.desk(), desk };
}

async function pending(who = 'dba') {
  const made = await bootstrapped();
  const proposed = await made.desk.propose(tokenOf(who), NEXT);
  if (!proposed.ok) throw new Error(proposed.refusal.detail);
  return { ...made, change: proposed.value.change };
}

describe('the first configuration', () => {
  it('is the recorded bootstrap of one of its own administrators', async () => {
    const { desk, ledger, control } = installationAndDesk();
    const proposed = await desk.propose(tokenOf('dba'), files());
    expect(proposed).toMatchObject({ ok: true, value: { change: 'bootstrap', status: 'applied', version: 1 } });
    expect(ledger.events.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'change.proposed.v1', data: expect.objectContaining({ author: 'dba', bootstrap: true }) },
      { type: 'bundle.published.v1', data: { version: 1, change: 'bootstrap', hash: sha256Hex(control.texts[0]!) } },
    ]);
    expect(control.bundle()).toMatchObject({ version: 1, change: 'bootstrap', author: 'dba', approvedBy: [], policies: [{ file: 'policies/shop.cedar', text: CEDAR }] });
  });

  it.each([['someone without the role', 'agent-etl', 'human_required'], ['a stranger', 'mallory', 'principal_unknown']])('is not %s\'s to propose', async (_, who, reason) => {
    const { desk, ledger, control } = installationAndDesk();
    expect(await desk.propose(tokenOf(who), files())).toMatchObject({ ok: false, refusal: { reason } });
    expect(control.texts).toEqual([]);
    expect(ledger.events).toMatchObject([{ type: 'change.refused.v1', data: { reason } }]);
  });

  it('is there once: what is proposed at the same time becomes a change to it', async () => {
    const { desk, control } = installationAndDesk();
    const [first, second] = await Promise.all([desk.propose(tokenOf('dba'), files()), desk.propose(tokenOf('security'), NEXT)]);
    expect(first).toMatchObject({ value: { status: 'applied' } });
    expect(second).toMatchObject({ value: { status: 'pending' } });
    expect(control.texts).toHaveLength(1);
  });

  it('is there once even from two services', async () => {
    const { desk, control } = installation();
    const [one, two] = [desk(), desk()];
    const outcomes = await Promise.all([one.propose(tokenOf('dba'), files()), two.propose(tokenOf('security'), NEXT)]);
    expect(outcomes.filter((outcome) => outcome.ok && outcome.value.status === 'applied')).toHaveLength(1);
    expect(control.texts).toHaveLength(1);
  });

  it('leaves nothing when it has a slip, and says where', async () => {
    const { desk, ledger, control, records } = installationAndDesk();
    const proposed = await desk.propose(tokenOf('dba'), files(YAML.replace('tls: require', 'tls: maybe')));
    expect(proposed).toMatchObject({ ok: false, refusal: { reason: 'configuration_invalid', detail: expect.stringContaining('interlock.yaml:16:10: tls is "maybe"; expected one of disable, require, verify-full') } });
    expect(control.texts).toEqual([]);
    expect(await records.list()).toEqual([]);
    expect(ledger.events).toMatchObject([{ type: 'change.refused.v1', data: { reason: 'configuration_invalid', detail: expect.stringContaining('16:10') } }]);
  });

  it('is not taken again while the bundle in force cannot be read', async () => {
    const { desk, control } = await bootstrapped();
    control.texts.length = 0;
    expect(await desk.propose(tokenOf('mallory'), files(YAML.replaceAll('dba', 'mallory')))).toMatchObject({ refusal: { reason: 'unavailable', retryable: true } });
    expect(control.texts).toEqual([]);
  });

  it('is not taken when it is too large to be distributed', async () => {
    const { desk, control } = installationAndDesk();
    const labels = `labels: { ${Array.from({ length: 2_700 }, (_, index) => `l${index}: '${'"'.repeat(80)}'`).join(', ')} }`;
    const huge = YAML.replace('    tls: require', `    ${labels}\n    tls: require`);
    expect(await desk.propose(tokenOf('dba'), files(huge))).toMatchObject({ refusal: { reason: 'configuration_too_large' } });
    expect(control.texts).toEqual([]);
  });
});

describe('a later configuration', () => {
  it('waits for a second person, who is told what it changes', async () => {
    const { desk, control, types } = await bootstrapped();
    expect(await desk.propose(tokenOf('dba'), NEXT)).toMatchObject({ value: { change: 'c1', status: 'pending', version: 1, summary: [expect.stringContaining('adds rule no-drop')] } });
    expect(control.texts).toHaveLength(1);
    expect(types().at(-1)).toBe('change.proposed.v1');
  });

  it('is unchanged when nothing differs', async () => {
    const { desk, ledger } = await bootstrapped();
    const before = ledger.events.length;
    expect(await desk.propose(tokenOf('security'), files().toReversed())).toMatchObject({ value: { change: 'bootstrap', status: 'unchanged', version: 1, summary: [] } });
    expect(ledger.events).toHaveLength(before);
  });

  it('is one change however often it is sent', async () => {
    const { desk } = await bootstrapped();
    const first = await desk.propose(tokenOf('dba'), NEXT);
    expect(await desk.propose(tokenOf('dba'), NEXT)).toEqual(first);
    expect(await desk.list()).toHaveLength(2);
  });

  it.each([['an agent', 'agent-etl', 'human_required'], ['a stranger', 'mallory', 'principal_unknown']])('is not proposed by %s', async (_, who, reason) => {
    const { desk } = await bootstrapped();
    expect(await desk.propose(tokenOf(who), NEXT)).toMatchObject({ ok: false, refusal: { reason } });
  });

  it('cannot be proposed by someone whom only it makes an administrator', async () => {
    const { desk } = await bootstrapped();
    const coup = YAML.replace('  - { name: security', '  - { name: mallory, kind: human, issuer: demo, subject: mallory, roles: [dba] }\n  - { name: security');
    expect(await desk.propose(tokenOf('mallory'), files(coup))).toMatchObject({ refusal: { reason: 'principal_unknown' } });
  });

  it('is refused when the masking service finds a problem, at its place', async () => {
    const { desk, masking } = await bootstrapped();
    masking.problems = [{ path: 'targets.0.name', detail: 'no such column' }];
    expect(await desk.propose(tokenOf('dba'), NEXT)).toMatchObject({ refusal: { reason: 'configuration_invalid', detail: expect.stringContaining('interlock.yaml:12:11: no such column') } });
  });

  it('is refused when one party alone could do by it what takes two, with the counterexample, and the bundle in force stays', async () => {
    const { desk, control, ledger } = await bootstrapped();
    const conflicting = YAML.replace('administration:', 'separation:\n  exclusiveRoles:\n    - { name: load-or-change, roles: [etl, dba] }\nadministration:');
    const detail = expect.stringContaining('interlock.yaml:19:7: one person alone: dba owns agent-etl, which has role etl, and has role dba, which exclude each other (load-or-change)');
    expect(await desk.propose(tokenOf('dba'), files(conflicting))).toMatchObject({ ok: false, refusal: { reason: 'configuration_invalid', detail } });
    expect(ledger.events.at(-1)).toMatchObject({ type: 'change.refused.v1', data: { reason: 'configuration_invalid', detail } });
    expect(control.texts).toHaveLength(1);
  });

  it('is refused when it forgets who made a principal', async () => {
    const { desk } = await bootstrapped();
    const made = YAML.replace('owners: [dba] }', 'owners: [dba], createdBy: [security] }');
    const first = await desk.propose(tokenOf('dba'), files(made));
    await approve(desk, 'security', first.ok ? first.value.change : '');
    expect(await desk.propose(tokenOf('dba'), files())).toMatchObject({ refusal: { reason: 'configuration_invalid', detail: expect.stringContaining('interlock.yaml:8:5: agent-etl was made by security, who would stand behind it no longer') } });
    expect(await desk.propose(tokenOf('dba'), files(YAML.replace('owners: [dba] }', 'owners: [dba, security] }')))).toMatchObject({ ok: true });
  });

  it('is refused, to be tried again, while the masking service is away', async () => {
    const { desk, masking, ledger } = await bootstrapped();
    masking.away = true;
    const before = ledger.events.length;
    expect(await desk.propose(tokenOf('dba'), NEXT)).toMatchObject({ refusal: { reason: 'unavailable', retryable: true } });
    expect(ledger.events).toHaveLength(before);
  });
});

describe('a decision', () => {
  it.each(['', 'a b', '>', '*', '../bootstrap', 'c1.x', 'x'.repeat(65)])('about a change named %j finds none', async (id) => {
    const { desk } = await pending();
    for (const verdict of ['approve', 'deny'] as const) expect(await desk.decide(tokenOf('security'), id, { verdict })).toMatchObject({ ok: false, refusal: { reason: 'change_unknown' } });
  });

  it('of a second person puts it into force, recorded before it is published', async () => {
    const { desk, change, control, ledger } = await pending();
    expect(await approve(desk, 'security', change)).toEqual({ ok: true, value: { change, status: 'applied', version: 2 } });
    expect(control.bundle()).toMatchObject({ version: 2, change, author: 'dba', approvedBy: ['security'] });
    expect(ledger.events.slice(-2).map(({ type, data }) => ({ type, data }))).toEqual([
      { type: 'change.decided.v1', data: { change, approver: 'security', verdict: 'approve', contentHash: contentHash(NEXT) } },
      { type: 'bundle.published.v1', data: { version: 2, change, hash: sha256Hex(control.texts[1]!) } },
    ]);
    expect(await desk.filesInForce()).toEqual({ ok: true, value: { version: 2, files: NEXT } });
  });

  it.each([
    ['the author', 'dba', 'not_independent', 'This is dba\'s own, and nobody agrees to their own.'],
    ['an agent', 'agent-etl', 'human_required'],
    ['a stranger', 'mallory', 'principal_unknown'],
  ])('is not %s\'s', async (_, who, reason, detail = expect.any(String)) => {
    const { desk, change, control, ledger } = await pending();
    expect(await approve(desk, who, change)).toMatchObject({ ok: false, refusal: { reason, detail } });
    expect(control.texts).toHaveLength(1);
    if (who !== 'mallory') expect(ledger.events.at(-1)).toMatchObject({ type: 'change.rejected.v1', data: { change, approver: who, reason } });
  });

  it('is not that of another account of the author', async () => {
    const { desk: makeDesk } = installation();
    const desk = makeDesk();
    const twice = YAML.replace('  - { name: security', '  - { name: dba-two, kind: human, human: dba, issuer: demo, subject: dba-two, roles: [security] }\n  - { name: security');
    await desk.propose(tokenOf('dba'), files(twice));
    const proposed = await desk.propose(tokenOf('dba'), files(twice, `${CEDAR}// more\n`));
    const change = proposed.ok ? proposed.value.change : '';
    expect(await approve(desk, 'dba-two', change)).toMatchObject({ refusal: { reason: 'not_independent', detail: expect.stringContaining('dba') } });
    expect(await approve(desk, 'security', change)).toMatchObject({ ok: true });
  });

  it('to deny ends it, also by its author', async () => {
    const { desk, change, types } = await pending();
    expect(await desk.decide(tokenOf('dba'), change, { verdict: 'deny' })).toMatchObject({ value: { status: 'denied' } });
    expect(types().at(-1)).toBe('change.decided.v1');
    expect(await approve(desk, 'security', change)).toMatchObject({ refusal: { reason: 'change_closed' } });
  });

  it('asked twice is one', async () => {
    const { desk, change, control, ledger } = await pending();
    const first = await approve(desk, 'security', change);
    const events = ledger.events.length;
    expect(await approve(desk, 'security', change)).toEqual(first);
    expect([control.texts.length, ledger.events.length]).toEqual([2, events]);
  });

  it('is refused for a change compared with an older version', async () => {
    const { desk, change } = await pending();
    const other = await desk.propose(tokenOf('dba'), OTHER);
    await approve(desk, 'security', change);
    expect(await approve(desk, 'security', other.ok ? other.value.change : '')).toMatchObject({ refusal: { reason: 'conflict_stale', hint: expect.stringContaining('Propose it again') } });
  });

  it.each([['nothing', undefined, 'digest_missing'], ['something else', contentHash(OTHER), 'digest_mismatch']])('that agrees to %s is refused', async (_, digest, reason) => {
    const { desk, change, control } = await pending();
    expect(await desk.decide(tokenOf('security'), change, { verdict: 'approve', digest })).toMatchObject({ refusal: { reason } });
    expect(control.texts).toHaveLength(1);
  });

  it('about nothing is refused', async () => {
    const { desk } = await bootstrapped();
    expect(await approve(desk, 'security', 'ghost')).toMatchObject({ refusal: { reason: 'change_unknown' } });
  });

  it('of two services at once gives every version to one change', async () => {
    const { desk, another, change, control } = await pending();
    const other = await desk.propose(tokenOf('dba'), OTHER);
    const outcomes = await Promise.all([approve(desk, 'security', change), approve(another, 'security', other.ok ? other.value.change : '')]);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(control.texts.map((text) => (JSON.parse(text) as { version: number }).version)).toEqual([1, 2]);
  });
});

describe('a change as it is shown', () => {
  const WIDER = files(YAML.replace('tls: require', 'tls: disable'), CEDAR.replace('action in Action::"read"', 'action'));

  it('holds every line of a rule and of the settings that differs, and what an approval has to name', async () => {
    const { desk } = await bootstrapped();
    await desk.propose(tokenOf('dba'), WIDER);
    const shown = await desk.show('c1');
    expect(shown).toMatchObject({ value: { change: 'c1', author: 'dba', status: 'pending', baseVersion: 1, digest: contentHash(WIDER), files: [{ file: 'interlock.yaml', status: 'changed' }, { file: 'policies/shop.cedar', status: 'changed' }] } });
    const [settings, rules] = shown.ok ? shown.value.files.map(({ diff }) => diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line))) : [];
    expect(settings).toEqual(['-    tls: require', '+    tls: disable']);
    expect(rules).toEqual(['-permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");', '+permit (principal in Role::"etl", action, resource in Target::"shop");']);
  });

  it('stays what was agreed to, and names who did', async () => {
    const { desk } = await bootstrapped();
    await desk.propose(tokenOf('dba'), WIDER);
    const before = await desk.show('c1');
    await approve(desk, 'security', 'c1');
    const later = await desk.propose(tokenOf('dba'), files());
    await approve(desk, 'security', later.ok ? later.value.change : '');
    expect(await desk.show('c1')).toEqual({ ok: true, value: { ...(before.ok && before.value), status: 'applied', version: 2, decidedBy: 'security', decidedAt: expect.stringMatching(/^2026-/) } });
  });

  it('tells files that come and go, and the first configuration whole', async () => {
    const { desk } = await bootstrapped();
    const moved = [files()[0]!, { file: 'policies/else.cedar', text: CEDAR }];
    await desk.propose(tokenOf('dba'), moved);
    expect(await desk.show('c1')).toMatchObject({ value: { files: [{ file: 'policies/else.cedar', status: 'added', diff: expect.stringContaining('+permit') }, { file: 'policies/shop.cedar', status: 'removed', diff: expect.stringContaining('-permit') }] } });
    expect(await desk.show('bootstrap')).toMatchObject({ value: { baseVersion: 0, version: 1, files: [{ file: 'interlock.yaml', status: 'added' }, { file: 'policies/shop.cedar', status: 'added' }] } });
  });

  it('has no difference where a comment alone was written', async () => {
    const { desk } = await bootstrapped();
    await desk.propose(tokenOf('dba'), files(`# ours\n${YAML}`));
    expect(await desk.show('c1')).toMatchObject({ value: { files: [{ file: 'interlock.yaml', status: 'changed', diff: '' }] } });
  });

  it('is not proposed where it is too much to be shown', async () => {
    const { desk, ledger } = await bootstrapped();
    const long = `${CEDAR}${'\n'.repeat(250_000)}`;
    await desk.propose(tokenOf('dba'), files(YAML, long));
    await approve(desk, 'security', 'c1');
    expect(await desk.propose(tokenOf('dba'), files(YAML, `${CEDAR}${' \n'.repeat(120_000)}`))).toMatchObject({ refusal: { reason: 'configuration_too_large', hint: expect.stringContaining('smaller steps') } });
    expect(ledger.events.at(-1)).toMatchObject({ type: 'change.refused.v1' });
  });

  it('is none that was never proposed', async () => expect(await (await bootstrapped()).desk.show('ghost')).toMatchObject({ refusal: { reason: 'change_unknown' } }));
});

describe('nothing is in force before the ledger has it', () => {
  it('an approval waits for the ledger and is finished when it is back', async () => {
    const { desk, change, control, ledger } = await pending();
    ledger.failWith('away');
    expect(await approve(desk, 'security', change)).toMatchObject(STORED_ONLY);
    expect(control.texts).toHaveLength(1);
    expect(desk.unfinished).toBe(true);
    ledger.failWith(undefined);
    await desk.heal();
    expect(control.bundle()).toMatchObject({ version: 2, approvedBy: ['security'] });
    expect(desk.unfinished).toBe(false);
  });

  it('a denial is recorded when the ledger is back, and its author is told that it stands', async () => {
    const { desk, change, ledger, records, types } = await pending();
    ledger.failWith('away');
    expect(await desk.decide(tokenOf('security'), change, { verdict: 'deny' })).toMatchObject(STORED_ONLY);
    expect((await records.get(`change-${change}`))?.value).toMatchObject({ status: 'denied' });
    expect(desk.unfinished).toBe(true);
    await expect(desk.heal()).rejects.toThrow('away');
    expect(desk.unfinished).toBe(true);
    ledger.failWith(undefined);
    await desk.heal();
    expect(ledger.events.at(-1)).toMatchObject({ type: 'change.decided.v1', data: { change, approver: 'security', verdict: 'deny' } });
    expect(types()).not.toContain('change.rejected.v1');
    expect(desk.unfinished).toBe(false);
  });

  it('the first configuration waits as well, and is no refused one', async () => {
    const { desk, ledger, control, types } = installationAndDesk();
    ledger.failWith('away');
    expect(await desk.propose(tokenOf('dba'), files())).toMatchObject(STORED_ONLY);
    ledger.failWith(undefined);
    await desk.heal();
    expect(control.bundle()).toMatchObject({ version: 1 });
    expect(types()).toEqual(['change.proposed.v1', 'bundle.published.v1']);
  });

  it.each(['approve', 'deny'] as const)('a decision to %s that may or may not be stored is looked for again', async (verdict) => {
    const { desk, change, records, types } = await pending();
    const put = records.put.bind(records);
    records.put = async (...given) => {
      await put(...given);
      return refused('unavailable', 'It may or may not be stored.');
    };
    expect(await desk.decide(tokenOf('security'), change, { verdict, digest: contentHash(NEXT) })).toMatchObject({ refusal: { reason: 'unavailable' } });
    expect(desk.unfinished).toBe(true);
    records.put = put;
    await desk.heal();
    expect(types().filter((type) => type === 'change.decided.v1' || type === 'change.rejected.v1')).toEqual(['change.decided.v1']);
  });

  it('a denial whose mark was not stored is not taken for finished', async () => {
    const { desk, change, ledger, records } = await pending();
    ledger.failWith('away');
    await desk.decide(tokenOf('security'), change, { verdict: 'deny' });
    ledger.failWith(undefined);
    const put = records.put.bind(records);
    records.put = () => Promise.resolve(refused('unavailable', 'It is not stored.'));
    await expect(desk.heal()).rejects.toThrow('could not be finished');
    expect(desk.unfinished).toBe(true);
    records.put = put;
    await desk.heal();
    expect(desk.unfinished).toBe(false);
  });

  it('what is refused leaves nothing unfinished', async () => {
    const { desk, change } = await pending();
    await approve(desk, 'dba', change);
    expect(desk.unfinished).toBe(false);
  });

  it('a proposal without the ledger is none', async () => {
    const { desk, ledger } = await bootstrapped();
    ledger.failWith('away');
    await expect(desk.propose(tokenOf('dba'), NEXT)).rejects.toThrow('away');
    expect(await desk.list()).toHaveLength(1);
  });
});

describe('a crash between ledger and publication', () => {
  it.each([['of a later configuration', true], ['of the first', false]])('%s is healed at the next start, byte for byte', async (_, later) => {
    const { desk: start, control, ledger, records } = installation();
    const first = start();
    if (later) {
      await first.propose(tokenOf('dba'), files());
      await first.propose(tokenOf('dba'), NEXT);
    }
    control.broken = true;
    const act = () => (later ? approve(first, 'security', 'c1') : first.propose(tokenOf('dba'), files()));
    await expect(act()).rejects.toThrow('the process ended here');
    const events = ledger.events.length;
    const promised = ledger.events.at(-1)!.data as { hash: string };
    control.broken = false;
    await start().heal();
    expect(sha256Hex(control.texts.at(-1)!)).toBe(promised.hash);
    expect(ledger.events).toHaveLength(events);
    expect((await records.list()).map(({ value }) => (value.kind === 'change' ? value.status : value.version))).not.toContain('approved');
  });

  it('leaves the way free for what comes next', async () => {
    const { desk: start, control } = installation();
    control.broken = true;
    await expect(start().propose(tokenOf('dba'), files())).rejects.toThrow();
    control.broken = false;
    expect(await start().propose(tokenOf('security'), NEXT)).toMatchObject({ value: { status: 'pending', version: 1 } });
  });
});

function installationAndDesk() {
  const made = installation();
  return { ...made, desk: made.desk() };
}
