import { Configuration, type PolicyFile } from '@interlock/contracts';
import { stringify } from 'yaml';
import { YAML_FILE } from './files.js';
import { readYaml } from './read-yaml.js';

/**
 * A file as it is to be compared: `interlock.yaml` as it is read, without comments, in the order of the contract, with aliases followed and
 * what is usual written out, so that every change of its meaning stands at its place. Others, and one that cannot be read, are as they are written.
 */
export function canonicalFile(file: PolicyFile): PolicyFile {
  const content = file.file === YAML_FILE ? readYaml(file, Configuration).content : undefined;
  return content ? { file: file.file, text: stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }) } : file;
}
