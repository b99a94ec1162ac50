import type { PolicyProblem } from '@interlock/adapter-cedar';
import { Configuration, type PolicyFile } from '@interlock/contracts';
import { withRoleMembers } from '@interlock/domain-policy';
import type { LocatedYaml } from './located-yaml.js';
import { readYaml } from './read-yaml.js';

/** `interlock.yaml` as read: the configuration, unless there are problems, with the declared members of roles among its principals' own roles, and the way back to its lines. */
export interface ParsedYaml {
  readonly yaml: LocatedYaml;
  readonly configuration: Configuration | undefined;
  readonly problems: readonly PolicyProblem[];
}

/** Reads `interlock.yaml`: every slip of the YAML, or else every key and value that is not as the contract has it. */
export function parseYaml(file: PolicyFile): ParsedYaml {
  const { yaml, content, problems } = readYaml(file, Configuration);
  return { yaml, configuration: content && withRoleMembers(content), problems };
}
