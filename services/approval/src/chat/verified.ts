import type { ChatRoad } from '@interlock/contracts';
import type { Press } from '@interlock/protocol-chat';

/** An answer of a chat whose origin approval has verified by itself. */
export interface Verified {
  readonly road: ChatRoad;
  readonly press: Press;
  /** Tells the request from every other. */
  readonly requestHash: string;
}
