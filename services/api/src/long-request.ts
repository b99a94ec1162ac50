import { setTimeout as sleep } from 'node:timers/promises';
import { refused, type Outcome } from '@interlock/kernel';
import type { RpcClient, RpcName, RpcRequest, RpcResponse } from '@interlock/contracts';

export interface Patience {
  /** How long the work may take. */
  readonly timeoutMs: number;
  /** Distance between two looks at whoever does it. */
  readonly lookEveryMs?: number;
  /** How long it may give no sign of life. */
  readonly silentMs?: number;
}

const LOOK_MS = 2_000;
const SILENT_MS = 60_000;

/** Asks for work that takes long. The bus does not say that whoever was at it has died, so the asker looks after it meanwhile. */
export async function askForLong<N extends RpcName>(rpc: RpcClient, name: N, request: RpcRequest<N>, patience: Patience): Promise<Outcome<RpcResponse<N>>> {
  const service = name.split('.')[0]!;
  const run = await runOf(rpc, service);
  const over = new AbortController();
  try {
    return await Promise.race([rpc.call(name, request, { timeoutMs: patience.timeoutMs }), lost(rpc, name, { service, run, patience, over: over.signal })]);
  } finally {
    over.abort();
  }
}

interface Watched {
  readonly service: string;
  /** Which start of it the work was given to; undefined when it did not answer then. */
  readonly run: string | undefined;
  readonly patience: Patience;
  readonly over: AbortSignal;
}

/** Resolves once nobody is at work any more; never, when that does not happen. */
async function lost(rpc: RpcClient, name: RpcName, { service, run, patience, over }: Watched): Promise<Outcome<never>> {
  const { lookEveryMs = LOOK_MS, silentMs = SILENT_MS } = patience;
  let known = run;
  for (let heardMs = performance.now(); ;) {
    await sleep(lookEveryMs, undefined, { signal: over, ref: false }).catch(() => undefined);
    if (over.aborted) return new Promise(() => undefined);
    const now = await runOf(rpc, service);
    if (now !== undefined && known !== undefined && now !== known) return ended(`The service ${service} was started anew while ${name} was at work.`);
    if (now !== undefined) [known, heardMs] = [now, performance.now()];
    else if (performance.now() - heardMs > silentMs) return ended(`The service ${service} has not answered for ${Math.round(silentMs / 1_000)} s while ${name} was at work.`);
  }
}

function ended(detail: string): Outcome<never> {
  return refused('unavailable', detail, { hint: 'Ask again; if it lasts, look at the health of that service.', retryable: true });
}

async function runOf(rpc: RpcClient, service: string): Promise<string | undefined> {
  const health = await rpc.call(`${service}.health` as 'audit.health', {});
  return health.ok ? health.value.run : undefined;
}
