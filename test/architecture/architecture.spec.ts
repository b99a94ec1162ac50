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
    ['a package nobody declared', planted('services/a', 'service', "import x from 'left-pad';"), 'does not name'],
    ['TypeORM outside the views', planted('services/a', 'service', "import { Entity } from 'typeorm';", { dependencies: ['typeorm'] }), 'uses typeorm'],
    ['a clock in the kernel', planted('libs/a', 'kernel', 'export const t = Date.now();'), 'reads a clock'],
    ['chance in the gateway', planted('libs/a', 'gateway', 'export const r = Math.random();'), 'draws random numbers'],
    ['the environment in a service', planted('services/a', 'service', 'export const e = process.env.X;'), 'reads the environment'],
    ['any', planted('services/a', 'service', 'export const x = 1 as any;'), 'uses any'],
    ['a silenced check', planted('services/a', 'service', '// @ts-ignore\nexport const x = 1;'), 'silences a check'],
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
