import type { RecognitionPorts } from '@interlock/domain-identity';

const NONE: RecognitionPorts['control']['state']['access'] = new Map();

/** The control plane without the roles that are granted for a time. */
export function withoutRolesForATime(control: RecognitionPorts['control']): RecognitionPorts['control'] {
  return {
    get state() {
      return { ...control.state, access: NONE };
    },
    caughtUp: () => control.caughtUp(),
  };
}
