import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { boundaryViolations, type Violation } from './boundaries.js';
import { cycleViolations } from './cycles.js';
import { habitViolations } from './habits.js';
import { readProjects, type Project } from './tree.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const projects = readProjects(repository, ['libs', 'services', 'deploy']);
const checks = (tree: readonly Project[]): Violation[] => [...boundaryViolations(tree), ...cycleViolations(tree), ...habitViolations(tree)];

describe('the house', () => {
  it('has projects to look at', () => {
    expect(projects.length).toBeGreaterThan(20);
  });

  it('is the same to the compiler and to nx', () => {
    const { references } = JSON.parse(readFileSync(join(repository, 'tsconfig.json'), 'utf8')) as { references: { path: string }[] };
    const built = projects.filter(({ root }) => (JSON.parse(readFileSync(join(repository, root, 'package.json'), 'utf8')) as { nx: { targets?: { build?: object } } }).nx.targets?.build);
    expect(references.map(({ path }) => path).toSorted()).toEqual(projects.map(({ root }) => root).toSorted());
    expect(built).toEqual(projects);
  });

  it('keeps its walls', () => {
    expect(checks(projects).map((violation) => `${violation.where}: ${violation.what}; ${violation.remedy}`)).toEqual([]);
  });
});

function planted(root: string, type: string, text: string, more: Partial<Project> & { file?: string } = {}): Project {
  return { name: `@interlock/${root.replaceAll('/', '-')}`, root, tags: [`type:${type}`, 'scope:planted'], dependencies: [], sources: [{ path: `${root}/src/${more.file ?? 'planted.ts'}`, text }], ...more };
}

const kernel = planted('libs/kernel', 'kernel', '', { name: '@interlock/kernel' });
const adapter = planted('libs/adapters/x', 'adapter', '', { name: '@interlock/adapter-x' });
const service = planted('services/y', 'service', '', { name: '@interlock/service-y' });
const domain = planted('libs/domain/z', 'domain', '', { name: '@interlock/domain-z', tags: ['type:domain', 'scope:z'] });

describe('a planted violation is found:', () => {
  it.each<[string, Project, string]>([
    ['an untagged project', planted('libs/a', 'kernel', '', { tags: [] }), 'no known type'],
    ['a domain that imports an adapter', planted('libs/domain/a', 'domain', "import { x } from '@interlock/adapter-x';"), 'domain imports'],
    ['a domain that imports another scope', planted('libs/domain/a', 'domain', "import { x } from '@interlock/domain-z';"), 'domain imports'],
    ['a domain that uses a package', planted('libs/domain/a', 'domain', "import { z } from 'zod';"), 'domain uses zod'],
    ['a service that imports a service', planted('services/a', 'service', "import { x } from '@interlock/service-y';"), 'service imports'],
    ['an adapter that imports an adapter', planted('libs/adapters/a', 'adapter', "import { x } from '@interlock/adapter-x';"), 'adapter imports'],
    ['an adapter that runs domain code', planted('libs/adapters/a', 'adapter', "import { x } from '@interlock/domain-z';"), 'adapter imports'],
    ['a dynamic import over a wall', planted('libs/domain/a', 'domain', "const x = await import('@interlock/adapter-x');"), 'domain imports'],
    ['a way around the door', planted('services/a', 'service', "import { x } from '@interlock/kernel/dist/limits.js';"), 'reaches into'],
    ['a path into another project', planted('services/a', 'service', "import { x } from '../../y/src/x.js';"), 'out of its project'],
    ['a package nobody declared', planted('services/a', 'service', "import { Module } from '@nestjs/common';"), 'does not name'],
    ['a service that uses a package of its own', planted('services/a', 'service', "import x from 'pg';", { dependencies: ['pg'] }), 'service uses pg'],
    ['a service that reaches into Nest', planted('services/a', 'service', "import x from '@nestjs/core';", { dependencies: ['@nestjs/core'] }), 'service uses @nestjs/core'],
    ['an adapter that adapts a second thing', planted('libs/adapters/oidc', 'adapter', "import x from '@nats-io/nats-core';", { name: '@interlock/adapter-oidc', dependencies: ['@nats-io/nats-core'] }), 'adapter uses @nats-io/nats-core'],
    ['a package in libs/nest that is not Nest', planted('libs/a', 'nest', "import x from 'jose';", { dependencies: ['jose'] }), 'nest uses jose'],
    ['a package in the testkit', planted('libs/a', 'testkit', "import x from 'left-pad';", { dependencies: ['left-pad'] }), 'testkit uses left-pad'],
    ['a package in a deployment', planted('deploy/a', 'deploy', "import x from 'left-pad';", { dependencies: ['left-pad'] }), 'deploy uses left-pad'],
    ['a second parser in a language', planted('libs/language/a', 'language', "import x from 'libpg-query';", { dependencies: ['libpg-query'] }), 'language uses libpg-query'],
    ['what trains a model, in what runs', planted('libs/language/a', 'language', "import x from '../training/train.mjs';"), 'trains a model by hand'],
    ['a built-in module without its prefix', planted('services/a', 'service', "import fs from 'fs';"), 'without node:'],
    ['TypeORM outside the views', planted('services/audit', 'service', "import { Entity } from 'typeorm';", { name: '@interlock/service-audit', dependencies: ['typeorm'] }), 'outside views'],
    ['a clock in the kernel', planted('libs/a', 'kernel', 'export const t = Date.now();'), 'reads a clock'],
    ['chance in the gateway', planted('libs/a', 'gateway', 'export const r = Math.random();'), 'draws random numbers'],
    ['the environment in a service', planted('services/a', 'service', 'export const e = process.env.X;'), 'reads the environment'],
    ['the environment in the command line, outside main.ts', planted('services/cli', 'service', 'export const e = process.env.X;', { file: 'settings.ts' }), 'reads the environment'],
    ['any', planted('services/a', 'service', 'export const x = 1 as any;'), 'uses any'],
    ['a silenced check', planted('services/a', 'service', '// @ts-ignore\nexport const x = 1;'), 'silences a check'],
    ['a constructor that asks for too much', planted('services/a', 'service', 'class A {\n  constructor(private readonly a: Map<string, number>, b: (x: number, y: number) => void, c = [1, 2], d: string, e: { f: 1, g: 2 }, h: string) {}\n}'), '6 parameters'],
    ['forwardRef', planted('services/a', 'service', 'forwardRef(() => X);'), 'forwardRef'],
    ['a star export', planted('services/a', 'service', "export * from './x.js';"), 'exports everything'],
    ['an inner barrel', planted('services/a', 'service', "export { x } from './x.js';\n", { file: 'inner/index.ts' }), 'inner barrel'],
    ['a name that says nothing', planted('libs/utils', 'kernel', ''), 'says nothing'],
    ['a very long file', planted('services/a', 'service', 'const a = 1;\n'.repeat(500)), 'more than'],
  ])('%s', (_what, project, expected) => {
    const tree = [kernel, adapter, service, domain, project].filter((one, index, all) => all.findIndex((other) => other.name === one.name) === index);
    expect(checks(tree).filter((violation) => violation.where.startsWith(project.root)).map((violation) => violation.what).join('; ')).toContain(expected);
  });

  it('a cycle between files', () => {
    const files = [{ path: 'libs/a/src/one.ts', text: "import { two } from './two.js';" }, { path: 'libs/a/src/two.ts', text: "import { one } from './one.js';" }];
    expect(cycleViolations([planted('libs/a', 'kernel', '', { sources: files })])[0]?.what).toContain('cycle');
  });

  it('a cycle between projects', () => {
    const one = planted('libs/a', 'kernel', '', { dependencies: ['@interlock/libs-b'] });
    expect(cycleViolations([one, planted('libs/b', 'kernel', '', { dependencies: ['@interlock/libs-a'] })])).not.toEqual([]);
  });
});
