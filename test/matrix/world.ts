import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import type { Bundle, PolicyFile, Principal, Target } from '@interlock/contracts';
import { principalOf } from '@interlock/domain-identity';
import { TighteningCompiler, type Judge } from '@interlock/domain-policy';
import { readConfiguration } from '@interlock/authoring';

/** A configuration as its folder holds it, compiled: what a connector would decide by. */
export interface World {
  readonly bundle: Bundle;
  readonly judge: Judge;
  principal(name: string): Principal;
  target(name: string): Target;
}

export function filesIn(folder: string): PolicyFile[] {
  const policies = readdirSync(join(folder, 'policies')).filter((name) => name.endsWith('.cedar')).toSorted();
  return ['interlock.yaml', ...policies.map((name) => `policies/${name}`)].map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}

/** @throws Error that names every problem of the configuration. */
export function worldOf(folder: string): World {
  const read = readConfiguration(filesIn(folder));
  if (!read.configuration || read.problems.length > 0) throw new Error(`${folder}: ${JSON.stringify(read.problems, undefined, 1)}`);
  const { configuration } = read;
  const bundle: Bundle = { version: 1, configuration, policies: [...read.policies], change: 'matrix', author: 'matrix', approvedBy: [], createdAt: '2026-01-01T00:00:00.000Z' };
  const compiled = new TighteningCompiler(new CedarJudgeCompiler()).compile(bundle);
  if (!compiled.ok) throw new Error(compiled.refusal.detail);
  return { bundle, judge: compiled.value, principal: (name) => principalNamed(name, bundle), target: (name) => targetNamed(name, bundle) };
}

function principalNamed(name: string, { configuration }: Bundle): Principal {
  const entry = configuration.principals.find((candidate) => candidate.name === name);
  const principal = principalOf({ issuer: entry?.issuer ?? '', subject: entry?.subject ?? '', claims: {}, expiresAtMs: 0 }, configuration);
  if (!principal.ok) throw new Error(`${name}: ${principal.refusal.detail}`);
  return principal.value;
}

function targetNamed(name: string, { configuration }: Bundle): Target {
  const target = configuration.targets.find((candidate) => candidate.name === name);
  if (!target) throw new Error(`no target ${name}`);
  return target;
}
