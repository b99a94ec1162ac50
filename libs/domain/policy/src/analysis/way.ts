import type { Ask } from '@interlock/contracts';
import type { Member } from './member.js';

/** One way of completing a step of a task. */
export interface Way {
  readonly member: Member;
  readonly what: string;
  /** Who has to agree, where the step takes that. */
  readonly quorum?: Ask['quorum'];
}
