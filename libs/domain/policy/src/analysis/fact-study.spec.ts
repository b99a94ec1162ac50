import type { Target } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../spec/given.js';
import { cellOf } from './cell.js';
import { FactStudy } from './fact-study.js';
import type { Foresight, ForeseenRule, Place } from './foresight.js';

const rule: ForeseenRule = { id: 'r', effect: 'permit', reads: new Set(['hasTerminal', 'hasWhere', 'grant']) };
const foresight = { rules: [rule] } as unknown as Foresight;
const FACTS = { hasTerminal: { type: 'boolean', protocols: ['ssh'], meaning: '' }, hasWhere: { type: 'boolean', protocols: ['postgres'], meaning: '' } } as const;

function studied(...protocols: string[]): string[] {
  const study = new FactStudy(foresight, { standsFor: new Map([['select', ['select', 'show']]]) }, FACTS);
  for (const protocol of protocols) {
    const place: Place = { type: 'Target', target: { ...configuration().targets[0]!, protocol } as unknown as Target, parents: [] };
    study.see([cellOf({ cast: { actor: { kind: 'agent', name: 'a', roles: [], party: [] }, principals: [] }, verb: 'select', place }, [{ rule, when: true }])]);
  }
  return study.findings().map(({ detail }) => detail);
}

describe('a rule', () => {
  it('that applies at targets of one protocol may not read the facts of another', () => {
    expect(studied('postgres')).toEqual(['rule r reads hasTerminal, which no command that it applies to can state: it is told only at targets of protocol ssh']);
    expect(studied('ssh')).toEqual([expect.stringContaining('rule r reads hasWhere')]);
  });

  it('that applies at targets of both may read either', () => expect(studied('postgres', 'ssh')).toEqual([]));
  it('that applies nowhere is told of by another study', () => expect(studied()).toEqual([]));
});
