import type { Ask } from '@interlock/contracts';
import type { Cast } from './universe.js';

/** One way of completing a step of a task. */
export interface Way {
  readonly member: Cast['principals'][number];
  readonly what: string;
  /** Who has to agree, where the step takes that. */
  readonly quorum?: Ask['quorum'];
}
