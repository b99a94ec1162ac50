import type { Configuration, PolicyFile } from '@interlock/contracts';
import { sortFiles } from './files.js';
import { parseYaml } from './parse-yaml.js';

/** What a bundle holds of a configuration's files. */
export interface BundleParts {
  readonly configuration: Configuration;
  readonly policies: readonly PolicyFile[];
}

/** The parts of files that were checked before; undefined when they cannot be read after all. The same files give the same parts. */
export function readBundleParts(files: readonly PolicyFile[]): BundleParts | undefined {
  const { yaml, policies } = sortFiles(files);
  const configuration = yaml && parseYaml(yaml).configuration;
  return configuration && { configuration, policies };
}
