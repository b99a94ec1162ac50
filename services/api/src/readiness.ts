import { RPC, type RpcClient, type RpcName } from '@interlock/contracts';

type HealthName = Extract<RpcName, `${string}.health`>;

const ANSWER_MS = 2_500;
/** Chat tells people and takes their answers beside this door: while it is away, the door serves as before. */
const BESIDE: ReadonlySet<HealthName> = new Set(['chatops.health']);
const HEALTH_REQUESTS = (Object.keys(RPC) as RpcName[]).filter((name): name is HealthName => name.endsWith('.health')).filter((name) => !BESIDE.has(name));

/** Every service that does not answer or is not well, each with what it says is missing. */
export async function unreadyServices(rpc: RpcClient): Promise<readonly string[]> {
  const reports = await Promise.all(HEALTH_REQUESTS.map((name) => unreadyPart(rpc, name)));
  return reports.filter((report) => report !== undefined);
}

async function unreadyPart(rpc: RpcClient, name: HealthName): Promise<string | undefined> {
  const service = name.slice(0, -'.health'.length);
  const answer = await rpc.call(name, {}, { timeoutMs: ANSWER_MS });
  if (!answer.ok) return `${service}: no answer`;
  const missing = answer.value.checks.filter((check) => !check.ok).map((check) => check.detail ?? check.name);
  return answer.value.ok ? undefined : `${service}: ${missing.join('; ')}`;
}
