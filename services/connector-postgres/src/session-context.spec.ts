import type { Effects, Interpretation } from '@interlock/language-postgres';
import { describe, expect, it } from 'vitest';
import { SessionContext } from './session-context.js';

const row = (search_path: string) => [{ search_path, role: 'interlock', database: 'shop' }];
const statement = (effects: Partial<Effects>, facts: Interpretation['facts'] = {}): Interpretation => ({ effects: { createsOrAltersCatalog: false, ...effects }, facts }) as Interpretation;
const SET: Partial<Effects> = { searchPath: { members: ['mine'], local: false } };

describe('the search path of a session', () => {
  it('is that of the server at first, and what it says from then on where it reports it', () => {
    const context = new SessionContext(row('"$user", public'), new Map([['search_path', '"$user", public']]));
    expect(context.searchPath).toEqual(['$user', 'public']);
    const before = context.action;
    expect(context.action).toBe(before);
    context.reported('search_path', 'mine');
    expect(context.searchPath).toEqual(['mine']);
    expect(context.action).toEqual({ database: 'shop', role: 'interlock', search_path: '"mine"' });
    context.reported('TimeZone', 'UTC');
    expect(context.isStale).toBe(false);
  });

  it('has to be asked for again after anything that may have moved it, where the server does not report it', () => {
    const context = new SessionContext(row('public'), new Map());
    for (const moving of [statement(SET), statement({}, { opaque: true }), statement({}, { volatileFunctions: ['public.f'] })]) {
      context.apply(moving.effects, moving);
      expect(context.isStale).toBe(true);
      context.refresh(row('public'));
      expect([context.isStale, context.searchPath]).toEqual([false, ['public']]);
      context.ready('idle');
      context.refresh(row('public'));
    }
  });

  it('is not settled until the transaction ends that changed it, and may come back with its end', () => {
    const context = new SessionContext(row('public'), new Map());
    const set = statement(SET);
    context.apply(set.effects, set);
    expect([context.isSettled, context.searchPath]).toEqual([false, ['mine']]);
    context.ready('inTransaction');
    context.refresh(row('mine'));
    expect(context.isSettled).toBe(false);
    context.ready('idle');
    expect([context.isSettled, context.isStale]).toEqual([true, true]);
    context.refresh(row('public'));
    expect(context.searchPath).toEqual(['public']);
  });

  it.each(['commit', 'rollback', 'rollback_to', 'prepare_transaction'] as const)('is not known after %s may have undone it, until the server has told it', (transaction) => {
    for (const reported of [new Map<string, string>(), new Map([['search_path', 'public']])]) {
      const context = new SessionContext(row('public'), reported);
      const [set, end] = [statement(SET), statement({ transaction })];
      context.apply(end.effects, end);
      expect(context.isKnown).toBe(true);
      context.apply(set.effects, set);
      expect(context.isKnown).toBe(true);
      context.apply(end.effects, end);
      expect(context.isKnown).toBe(false);
      context.ready('inTransaction');
      if (reported.size === 0) context.refresh(row('public'));
      expect(context.isKnown).toBe(true);
    }
  });

  it('is not known after what may have moved it or not, until it is set', () => {
    const context = new SessionContext(row('public'), new Map());
    const [perhaps, set] = [statement({ searchPath: { members: 'unknown', local: false } }), statement(SET)];
    context.apply(perhaps.effects, perhaps);
    expect([context.isKnown, context.isStale]).toEqual([false, true]);
    context.apply(set.effects, set);
    expect([context.isKnown, context.searchPath]).toEqual([true, ['mine']]);
  });

  it('goes back to where it began', () => {
    const context = new SessionContext(row('public'), new Map([['search_path', 'public']]));
    const [set, reset] = [statement(SET), statement({ searchPath: { members: 'default', local: false } })];
    context.apply(set.effects, set);
    context.apply(reset.effects, reset);
    expect(context.searchPath).toEqual(['public']);
  });

  it.each([['debug5', true], ['log', true], ['notice', true], ['warning', false], ['error', false]])('lets its client hear notices at client_min_messages = %s: %s', (client_min_messages, hears) => {
    const context = new SessionContext(row('public'), new Map());
    expect(context.hearsNotices).toBe(true);
    context.refresh([{ ...row('public')[0]!, client_min_messages }]);
    expect(context.hearsNotices).toBe(hears);
  });

  it('finds nothing where it cannot be read', () => {
    expect(new SessionContext(row('"unclosed'), new Map()).searchPath).toEqual([]);
  });
});
