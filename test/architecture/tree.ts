import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export interface SourceFile {
  /** Path from the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** One Nx project: a folder with a package.json that carries tags. */
export interface Project {
  readonly name: string;
  readonly root: string;
  readonly tags: readonly string[];
  readonly dependencies: readonly string[];
  readonly sources: readonly SourceFile[];
}

const SKIPPED = new Set(['node_modules', 'dist', '.git', '.nx', '.interlock']);

/** Every project below the given folders of the repository. */
export function readProjects(repository: string, folders: readonly string[]): Project[] {
  return folders.flatMap((folder) => filesBelow(join(repository, folder)))
    .filter((file) => file.endsWith('/package.json'))
    .map((file) => readProject(repository, dirname(file)));
}

function readProject(repository: string, root: string): Project {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string; dependencies?: Record<string, string>; nx?: { tags?: string[] };
  };
  const sources = filesBelow(root).filter((file) => /\.(ts|mts|mjs|js)$/.test(file));
  return {
    name: manifest.name,
    root: relative(repository, root),
    tags: manifest.nx?.tags ?? [],
    dependencies: Object.keys(manifest.dependencies ?? {}),
    sources: sources.map((file) => ({ path: relative(repository, file), text: readFileSync(file, 'utf8') })),
  };
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (SKIPPED.has(name)) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Static and dynamic imports and re-exports of one file, comments removed. */
export function importsOf(file: SourceFile): Import[] {
  const code = withoutComments(file.text);
  const statics = code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const dynamics = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [
    ...[...statics].map((match) => ({ specifier: match[2]!, typeOnly: match[1] !== undefined })),
    ...[...dynamics].map((match) => ({ specifier: match[1]!, typeOnly: false })),
  ];
}

export function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}
