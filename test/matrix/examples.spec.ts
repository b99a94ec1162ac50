import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyseConfiguration, readConfiguration, runCases } from '@interlock/authoring';
import { describe, expect, it } from 'vitest';
import { filesIn } from './world.js';

/** The examples are what documents quote: both are held to what they say of themselves. */
const analysed = (name: string) => {
  const read = readConfiguration(filesIn(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))));
  expect(read.problems).toEqual([]);
  return { ...read, configuration: read.configuration!, ...analyseConfiguration({ ...read, configuration: read.configuration! }) };
};

describe('examples/company', () => {
  it('is eight agents, five targets and forty-two rules, and loads without a finding', () => {
    const { configuration, rules, findings } = analysed('company');
    expect([configuration.principals.filter(({ kind }) => kind === 'agent').length, configuration.targets.length, rules.length]).toEqual([8, 5, 42]);
    expect(findings).toEqual([]);
  });
});

describe('the cases of examples/company', () => {
  const folder = fileURLToPath(new URL('../../examples/company/cases', import.meta.url));
  it('come out as they say', async () => {
    const { results, problems } = await runCases(analysed('company'), readdirSync(folder).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') })));
    expect(problems).toEqual([]);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(30);
  });
});

describe('examples/company-conflict', () => {
  it('has the same rules, and two ways for one person alone', () => {
    const { rules, findings } = analysed('company-conflict');
    expect(rules).toEqual(analysed('company').rules);
    expect(findings.map(({ level, file, line, detail }) => `${level} ${file}:${line}: ${detail}`)).toEqual([
      'conflict policies/orders.cedar:22: one person alone: femi owns janitor, which may delete on table orders/public/orders, and has role order-keeper, which approves it (rule deleting-orders-asks)',
      'conflict interlock.yaml:60: one person alone: ada owns payout-maker, which may insert on table payments/public/payouts, and has the account on-call, which owns payout-checker, which may update on table payments/public/payouts: that completes task pay-out, which takes 2 independent parties',
    ]);
  });
});
