import { posix } from 'node:path';
import type { Violation } from './boundaries.js';
import { importsOf, type Project } from './tree.js';

/** Import cycles between projects, and between files inside one project; type-only imports do not count at run time. */
export function cycleViolations(projects: readonly Project[]): Violation[] {
  const betweenProjects = new Map(projects.map((project) => [project.name, project.dependencies.filter((name) => projects.some((other) => other.name === name))]));
  const betweenFiles = new Map(projects.flatMap((project) => project.sources.map((file) => [file.path, fileImports(file.path, importsOf(file))] as const)));
  return [...firstCycles(betweenProjects), ...firstCycles(betweenFiles)].map((cycle) => ({
    where: cycle[0]!, what: `an import cycle: ${cycle.join(' -> ')}`, remedy: 'move what both need into a file of its own',
  }));
}

function fileImports(path: string, imports: ReturnType<typeof importsOf>): string[] {
  return imports.filter((imported) => !imported.typeOnly && imported.specifier.startsWith('.'))
    .map((imported) => posix.join(posix.dirname(path), imported.specifier.replace(/\.js$/, '.ts')));
}

function firstCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[][] = [];
  const visit = (node: string, trail: readonly string[]): void => {
    if (state.get(node) === 'done') return;
    if (state.get(node) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(node)), node]);
      return;
    }
    state.set(node, 'open');
    for (const next of graph.get(node) ?? []) visit(next, [...trail, node]);
    state.set(node, 'done');
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}
