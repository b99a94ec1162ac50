import { describe, expect, it } from 'vitest';
import type { CommandRow } from '../views/commands/row.js';
import { whatLifts } from './lifting.js';

const denied = (...rules: readonly string[]): CommandRow => ({ decision: 'deny', reasons: rules.map((rule) => ({ rule, effect: 'forbid', message: 'No.' })) }) as unknown as CommandRow;

describe('what lifts a refusal', () => {
  it('is said once, however many objects the rule refused', () => {
    expect(whatLifts(denied('no-drop', 'no-drop', 'no-night'), undefined)).toEqual(['no-drop', 'no-night'].map((rule) => `A change of rule ${rule}, proposed with \`interlock apply\` and approved by a second person.`));
  });
});
