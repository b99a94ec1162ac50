import type { Chat, ChatDelivery, ChatNotice } from '@interlock/contracts';
import { Undeliverable, type Answer } from '../sending/outbound.js';
import type { Sent } from '../sending/delivery.js';

/** One road to people. */
export interface Channel {
  /** Under which key of stream CHAT the message about this state of an approval lies. */
  keyOf(notice: ChatNotice): string;
  readonly name: string;
  /** One message shows every state, each in place of the one before; otherwise each state is a message of its own. */
  readonly showsLatest: boolean;
  /** `wasDoubtful`: an earlier attempt may have arrived. Faults are for what nobody foresaw; what may happen is answered. */
  deliver(delivery: ChatDelivery & { readonly notice: ChatNotice }, chat: Chat, wasDoubtful: boolean): Promise<Sent>;
}

/** Sends, and tells an unreachable destination as what came of it. */
export async function attempt(send: () => Promise<Answer>, judge: (answer: Answer) => Sent): Promise<Sent> {
  try {
    return judge(await send());
  } catch (fault) {
    if (fault instanceof Undeliverable) return { kind: 'failed', detail: fault.message, doubtful: fault.fate === 'unknown' };
    throw fault;
  }
}

/** One token of a key: dots part tokens, so they are written out, and so is the sign that writes them out. */
export function token(name: string): string {
  return name.replaceAll('_', '_5F').replaceAll('.', '_2E');
}

export function pageOf(chat: Chat, { id }: Pick<ChatNotice, 'id'>): string {
  return `${chat.page.replace(/\/$/, '')}/${encodeURIComponent(id)}`;
}
