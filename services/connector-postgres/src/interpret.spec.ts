import { describe, expect, it } from 'vitest';
import type { Interpretation } from '@interlock/language-postgres';
import type { FrontendMessage } from '@interlock/protocol-postgres';
import { SegmentPlanner, type Plan } from './interpret.js';
import type { Judgement } from './judgement.js';
import { PlannedNames, SessionNames } from './names.js';
import { RunningCommand } from './running-command.js';
import type { ClientMessage } from './segment.js';

const RAW = Buffer.from('x');
const SYNC: FrontendMessage = { kind: 'sync' };

function bind(statement: string): FrontendMessage {
  return { kind: 'bind', portal: '', statement, parameterFormats: [], parameters: [], resultFormats: [] };
}

function parse(statement: string): FrontendMessage {
  return { kind: 'parse', statement, text: 'SELECT 1', parameterTypes: [] };
}

/** Plans messages where everything is allowed, and understanding one text takes a turn. */
function plan(messages: readonly FrontendMessage[], meaning?: Interpretation): Plan & { readonly understood: number } {
  let understood = 0;
  const understandOne = (): unknown => {
    understood += 1;
    return { ok: true, value: meaning && { meaning } };
  };
  const readOne = (text: string): unknown => {
    understood += 1;
    return { ok: true, value: { text, understood: undefined } };
  };
  const command = (): unknown => ({ ok: true, value: new RunningCommand({ decision: { outcome: 'allow' } } as never, meaning, { findings: undefined, touches: false, isBeside: false }) });
  const judgement = { understandOne, readOne, bound: command, stillAllowed: command, prepared: command, couldNeverRun: () => undefined } as unknown as Judgement;
  const names = new SessionNames(() => undefined);
  names.statements.set('known', { name: 'known', text: 'SELECT 1', parameterTypes: [], described: 'none' });
  const segment = { messages: messages.map((message): ClientMessage => ({ message, raw: RAW })), end: 'sync' as const };
  const made = new SegmentPlanner({
    judgement, names, status: 'idle', openPipeline: false, needsDescription: false, onUnknownToCatalog: () => undefined, hasTakenLong: () => meaning === undefined && understood > 0,
  }, segment, new PlannedNames(names)).plan();
  return { ...made, understood };
}

function kinds(plan: Plan): string[] {
  return plan.rest.map(({ message }) => message.kind);
}

describe('a segment that takes long to understand', () => {
  it('is cut before its next Bind or Parse, each of which may take as long again', () => {
    const binds = plan([bind('known'), bind('known'), bind('known'), SYNC]);
    expect([binds.understood, kinds(binds)]).toEqual([1, ['bind', 'bind', 'sync']]);
    expect(kinds(plan([bind('known'), parse('new'), bind('new'), SYNC]))).toEqual(['parse', 'bind', 'sync']);
  });

  it('is not cut between a Parse and the Bind that commits to it', () => {
    const whole = plan([parse('new'), bind('new'), SYNC]);
    expect([whole.understood, kinds(whole), whole.commands.length]).toEqual([2, [], 1]);
  });
});

describe('what changes the meaning of what follows', () => {
  const EXECUTE: FrontendMessage = { kind: 'execute', portal: '', maxRows: 0 };
  const meaning = (effects: object): Interpretation => ({ effects }) as Interpretation;

  it.each([{ searchPath: { members: ['mine'], local: false } }, { transaction: 'rollback' }, { createsOrAltersCatalog: true }])('is answered before that is understood: %j', (effects) => {
    expect(kinds(plan([bind('known'), EXECUTE, parse('new'), bind('new'), SYNC], meaning(effects)))).toEqual(['parse', 'bind', 'sync']);
  });

  it('is not waited for where it changes nothing', () => {
    expect(kinds(plan([bind('known'), EXECUTE, parse('new'), bind('new'), SYNC], meaning({ transaction: 'begin' })))).toEqual([]);
  });
});
