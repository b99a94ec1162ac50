import { builtinModules } from 'node:module';
import { importsOf, type Project } from './tree.js';

/** A broken rule and its remedy, in one sentence each. */
export interface Violation {
  readonly where: string;
  readonly what: string;
  readonly remedy: string;
}

type Type = 'kernel' | 'contract' | 'domain' | 'language' | 'protocol' | 'gateway' | 'adapter' | 'authoring' | 'evidence' | 'nest' | 'service' | 'testkit' | 'deploy';

/** Who may import whom. `sameScope`: only within one scope; `typesOnly`: ports, never code. */
const MAY_IMPORT: Readonly<Record<Type, Partial<Record<Type, 'yes' | 'sameScope' | 'typesOnly'>>>> = {
  kernel: {},
  contract: { kernel: 'yes' },
  domain: { kernel: 'yes', contract: 'yes', domain: 'sameScope' },
  language: { kernel: 'yes', contract: 'yes', language: 'yes' },
  protocol: { kernel: 'yes' },
  gateway: { kernel: 'yes', contract: 'yes', domain: 'yes', gateway: 'yes' },
  adapter: { kernel: 'yes', contract: 'yes', domain: 'typesOnly', gateway: 'typesOnly', language: 'typesOnly' },
  nest: { kernel: 'yes', contract: 'yes', domain: 'yes', adapter: 'yes', gateway: 'yes' },
  authoring: { kernel: 'yes', contract: 'yes', domain: 'yes', language: 'yes', adapter: 'yes' },
  evidence: { kernel: 'yes', contract: 'yes', adapter: 'yes' },
  service: { kernel: 'yes', contract: 'yes', domain: 'yes', authoring: 'yes', evidence: 'yes', language: 'yes', protocol: 'yes', gateway: 'yes', adapter: 'yes', nest: 'yes' },
  testkit: { kernel: 'yes', contract: 'yes', adapter: 'yes', domain: 'yes', nest: 'yes', deploy: 'yes' },
  deploy: { kernel: 'yes', contract: 'yes', nest: 'yes', adapter: 'yes', service: 'yes', testkit: 'yes' },
};

/** What every project of a type may use from outside. */
const TYPE_MAY_USE: Readonly<Record<Type, RegExp>> = {
  kernel: /^node:(crypto|buffer)$/,
  contract: /^zod$/,
  domain: /^node:(crypto|buffer)$/,
  language: /^node:(crypto|buffer)$/,
  protocol: /^node:(crypto|buffer)$/,
  gateway: /^node:(crypto|buffer)$/,
  adapter: /^node:/,
  authoring: /^node:(crypto|buffer)$/,
  evidence: /^node:/,
  nest: /^(node:.+|@nestjs\/(common|core|microservices)|reflect-metadata|rxjs|zod)$/,
  service: /^(node:.+|@nestjs\/common)$/,
  testkit: /^(node:.+|vitest)$/,
  deploy: /^node:/,
};

/** The packages that one project alone is there for: what an adapter adapts, a language's parser, what a service shows people. */
const PROJECT_MAY_USE: Readonly<Record<string, RegExp>> = {
  '@interlock/language-postgres': /^libpg-query$/,
  '@interlock/adapter-cedar': /^@cedar-policy\/cedar-wasm$/,
  '@interlock/adapter-jetstream': /^@nats-io\/(nats-core|transport-node)$/,
  '@interlock/adapter-oidc': /^jose$/,
  '@interlock/adapter-tokens': /^@noble\/ciphers$/,
  '@interlock/adapter-telemetry': /^@opentelemetry\//,
  '@interlock/service-api': /^(fastify|zod)$/,
  '@interlock/service-audit': /^typeorm$/,
  '@interlock/service-cli': /^(commander|yaml)$/,
  '@interlock/authoring': /^yaml$/,
  '@interlock/evidence': /^(tar|zod)$/,
  '@interlock/deploy-local': /^(@nats-io\/(nats-core|transport-node|jetstream)|@peculiar\/x509|oidc-provider|pg|reflect-metadata|yaml)$/,
};

/** Tests, and what trains a model by hand: neither is part of what runs. */
const NOT_RUN = /\.spec\.ts$|\/training\/[^/]+\.mjs$/;
const BUILT_IN = new Set(builtinModules);

export function boundaryViolations(projects: readonly Project[]): Violation[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  return projects.flatMap((project) => [
    ...tagViolations(project),
    ...project.sources.filter((file) => !NOT_RUN.test(file.path)).flatMap((file) =>
      importsOf(file).flatMap((imported) => importViolations(project, file.path, imported, byName))),
  ]);
}

function tagViolations(project: Project): Violation[] {
  const complete = ['type:', 'scope:'].every((axis) => project.tags.some((tag) => tag.startsWith(axis)));
  const known = typeOf(project) in MAY_IMPORT;
  return complete && known ? [] : [{ where: project.root, what: 'the project has no known type and scope', remedy: 'tag it type:* and scope:* in its package.json' }];
}

function importViolations(project: Project, where: string, imported: { specifier: string; typeOnly: boolean }, byName: ReadonlyMap<string, Project>): Violation[] {
  const { specifier } = imported;
  if (/(^|\/)training\//.test(specifier)) return [{ where, what: `imports ${specifier}, which trains a model by hand`, remedy: 'import what it wrote' }];
  if (specifier.startsWith('.')) return escapes(where, specifier, project) ? [{ where, what: `imports ${specifier} out of its project`, remedy: 'import the other project by its name' }] : [];
  const target = byName.get(packageOf(specifier));
  if (!target) return packageViolations(project, where, specifier);
  if (specifier !== target.name) return [{ where, what: `reaches into ${specifier}`, remedy: `import from ${target.name}, its one door` }];
  if (target === project) return [{ where, what: 'imports its own door', remedy: 'import the file beside it' }];
  return allows(project, target, imported.typeOnly) ? [] : [{ where, what: `${typeOf(project)} imports ${target.name} (${typeOf(target)})`, remedy: 'see "Who may call whom" in ARCHITECTURE.md; put the port beside its user' }];
}

function packageViolations(project: Project, where: string, specifier: string): Violation[] {
  const name = packageOf(specifier);
  if (BUILT_IN.has(specifier) && !specifier.startsWith('node:')) return [{ where, what: `imports ${specifier} without node:`, remedy: `write node:${specifier}` }];
  const allowed = [TYPE_MAY_USE[typeOf(project)], PROJECT_MAY_USE[project.name]].some((list) => list?.test(name));
  if (!allowed) return [{ where, what: `${typeOf(project)} uses ${specifier}`, remedy: 'take what it needs as an argument or through a port, or name the package in boundaries.ts with a reason in ARCHITECTURE.md' }];
  if (name.startsWith('node:') || project.dependencies.includes(name)) return orm(where, specifier);
  return [{ where, what: `uses ${name}, which its package.json does not name`, remedy: 'declare the dependency' }];
}

function orm(where: string, specifier: string): Violation[] {
  const inViews = /\/(views|migrations)\//.test(where);
  return specifier === 'typeorm' && !inViews ? [{ where, what: 'uses typeorm outside views/ and migrations/', remedy: 'keep TypeORM in views/ and migrations/' }] : [];
}

function allows(from: Project, to: Project, typeOnly: boolean): boolean {
  const rule = MAY_IMPORT[typeOf(from)]?.[typeOf(to)];
  if (rule === 'sameScope') return scopeOf(from) === scopeOf(to);
  return rule === 'yes' || (rule === 'typesOnly' && typeOnly);
}

function escapes(where: string, specifier: string, project: Project): boolean {
  const parts = where.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return !parts.join('/').startsWith(`${project.root}/`);
}

function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function typeOf(project: Project): Type {
  return (project.tags.find((tag) => tag.startsWith('type:'))?.slice(5) ?? '') as Type;
}

function scopeOf(project: Project): string | undefined {
  return project.tags.find((tag) => tag.startsWith('scope:'));
}
