import { accepted, fold, refused } from '@interlock/kernel';
import { describe, expect, it } from 'vitest';
import { principal } from '../spec/given.js';
import { change, type ChangeCommand, type ChangeEvent, type Proposal } from './change.js';

const AT = '2026-11-01T10:00:00.000Z';
const LATER = '2026-11-01T11:00:00.000Z';
const proposal: Proposal = { change: 'c1', author: principal('dba'), files: [{ file: 'interlock.yaml', text: 'a' }], contentHash: 'h2', summary: ['adds rule x'], at: AT };
const inForce = { version: 4, contentHash: 'h1' };
const may = accepted(undefined);
const mayNot = refused('role_missing', 'no');
const related = refused('not_independent', 'they share the human dba');

const proposed: ChangeEvent = { kind: 'proposed', proposal, baseVersion: 4, bootstrap: false };
const approved: ChangeEvent = { kind: 'approved', by: principal('security'), at: LATER, version: 5 };
const denied: ChangeEvent = { kind: 'denied', by: principal('security'), at: LATER };
const recorded: ChangeEvent = { kind: 'recorded' };
const applied: ChangeEvent = { kind: 'applied' };

const propose = (more: Partial<Extract<ChangeCommand, { kind: 'propose' }>> = {}): ChangeCommand => ({ kind: 'propose', proposal, inForce, mayChange: may, ...more });
const approve = (more: Partial<Extract<ChangeCommand, { kind: 'approve' }>> = {}): ChangeCommand =>
  ({ kind: 'approve', by: principal('security'), at: LATER, digest: 'h2', inForce, mayChange: may, independentOfAuthor: may, ...more });
const deny = (more: Partial<Extract<ChangeCommand, { kind: 'deny' }>> = {}): ChangeCommand => ({ kind: 'deny', by: principal('security'), at: LATER, mayChange: may, ...more });

const CASES: readonly [string, readonly ChangeEvent[], ChangeCommand, readonly ChangeEvent[] | string][] = [
  ['the first configuration is the bootstrap', [], propose({ inForce: undefined }), [{ ...proposed, baseVersion: 0, bootstrap: true }, { kind: 'approved', by: undefined, at: AT, version: 1 }]],
  ['the first configuration needs one of its own administrators', [], propose({ inForce: undefined, mayChange: mayNot }), 'role_missing'],
  ['a later one waits for someone else', [], propose(), [proposed]],
  ['a later one needs an administrator of the configuration in force', [], propose({ mayChange: mayNot }), 'role_missing'],
  ['what is in force already is no change', [], propose({ inForce: { version: 4, contentHash: 'h2' } }), []],
  ['the same proposal twice is one', [proposed], propose(), []],
  ['an id is not taken over', [proposed], propose({ proposal: { ...proposal, contentHash: 'h3' } }), 'change_id_taken'],
  ['an unknown change is not approved', [], approve(), 'change_unknown'],
  ['an unknown change is not denied', [], deny(), 'change_unknown'],
  ['someone independent approves', [proposed], approve(), [approved]],
  ['nobody approves their own work', [proposed], approve({ independentOfAuthor: related }), 'not_independent'],
  ['nobody approves something else than was read', [proposed], approve({ digest: 'h3' }), 'digest_mismatch'],
  ['nobody approves without saying what was read', [proposed], approve({ digest: undefined }), 'digest_missing'],
  ['nobody approves without the role', [proposed], approve({ mayChange: mayNot }), 'role_missing'],
  ['nobody approves what was compared with another version', [proposed], approve({ inForce: { version: 5, contentHash: 'h9' } }), 'conflict_stale'],
  ['the same approval twice is one', [proposed, approved], approve(), []],
  ['a second approver comes too late', [proposed, approved], approve({ by: principal('other') }), 'change_closed'],
  ['what is denied stays denied', [proposed, denied], approve(), 'change_closed'],
  ['a denial needs no independence', [proposed], deny({ by: principal('dba') }), [{ kind: 'denied', by: principal('dba'), at: LATER }]],
  ['a denial needs the role', [proposed], deny({ mayChange: mayNot }), 'role_missing'],
  ['the same denial twice is one', [proposed, denied], deny(), []],
  ['what is approved is not denied', [proposed, approved], deny(), 'change_closed'],
  ['what is applied is not denied', [proposed, approved, recorded, applied], deny(), 'change_closed'],
  ['nothing undecided is recorded', [proposed], { kind: 'record' }, []],
  ['a decision is recorded once', [proposed, approved], { kind: 'record' }, [recorded]],
  ['a denial is recorded too', [proposed, denied], { kind: 'record' }, [recorded]],
  ['a recorded decision is not recorded again', [proposed, approved, recorded], { kind: 'record' }, []],
  ['nothing is applied before it is recorded', [proposed, approved], { kind: 'apply' }, []],
  ['what is recorded is applied', [proposed, approved, recorded], { kind: 'apply' }, [applied]],
  ['what is denied is not applied', [proposed, denied, recorded], { kind: 'apply' }, []],
  ['an approval whose version was taken is undone', [proposed, approved], { kind: 'return' }, [{ kind: 'returned' }]],
  ['a recorded approval is not undone', [proposed, approved, recorded], { kind: 'return' }, []],
];

describe('a change', () => {
  it.each(CASES)('%s', (_, given, when, then) => {
    const outcome = change.decide(when, fold(change, given));
    if (typeof then === 'string') expect(outcome).toMatchObject({ ok: false, refusal: { reason: then } });
    else expect(outcome).toEqual(accepted(then));
  });

  it('holds all that its approvers and its readers need', () => {
    expect(fold(change, [proposed, approved, recorded, applied])).toEqual({
      kind: 'change', change: 'c1', status: 'applied', author: principal('dba'), files: proposal.files, contentHash: 'h2', summary: ['adds rule x'],
      proposedAt: AT, baseVersion: 4, bootstrap: false, decidedBy: principal('security'), decidedAt: LATER, version: 5, recorded: true,
    });
  });

  it('is as it was proposed after its approval was undone', () => {
    expect(fold(change, [proposed, approved, { kind: 'returned' }])).toEqual(fold(change, [proposed]));
  });

  it('cannot begin in the middle', () => expect(() => fold(change, [approved])).toThrow(/cannot begin/));
});
