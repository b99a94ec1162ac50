import { z } from 'zod';

/** A variable of the environment is missing or wrong. The message names it, what was expected and what to do; never its value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** What every service reads. A service adds its own variables with `serviceSettings.extend({ ... })` and describes each. */
export const serviceSettings = z.object({
  INTERLOCK_NATS_URL: z
    .string()
    .regex(/^(nats|tls):\/\/\S+$/, 'an address like nats://127.0.0.1:4222')
    .describe('Set it to the address of the bus, e.g. nats://127.0.0.1:4222.'),
  INTERLOCK_KEYS_DIR: z.string().min(1).describe('Set it to the folder that holds <service>.json and trust.json.'),
  INTERLOCK_STATE_DIR: z.string().min(1).describe('Set it to a folder this service may write to; it makes a folder of its own below.'),
  INTERLOCK_INSTANCE: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'lower-case letters, digits and dashes, at most 32')
    .default('1')
    .describe('Set it to a name that no other instance of this service has, or leave it out for a single instance.'),
  INTERLOCK_DEV_UNSYNCED: flag().describe('Set it to 1 to permit a bus that does not sync every write, or leave it out.'),
  INTERLOCK_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Set it to debug, info, warn or error, or leave it out for info.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Set it to the address of an OTLP collector, or leave it out for no traces.'),
  INTERLOCK_HEALTH_PORT: port().optional().describe('Set it to a free TCP port to answer /health/live and /health/ready there, or leave it out.'),
});
export type ServiceSettings = z.infer<typeof serviceSettings>;

/** A variable that a service needs; `advice` says what to set it to, e.g. `Set it to the address of the views' database.` */
export function requiredText(advice: string) {
  return z.string().min(1).describe(advice);
}

/** A variable that may be left out. */
export function optionalText(advice: string) {
  return z.string().optional().describe(advice);
}

/** A switch: `1` or `true` is on; absent, empty, `0` or `false` is off; anything else is an error, not off. */
export function flag() {
  return z
    .enum(['', '0', '1', 'true', 'false'], '1 or 0')
    .default('0')
    .transform((text) => text === '1' || text === 'true');
}

/** A whole number between two others, both included. */
export function wholeNumber(least: number, most: number) {
  const what = `a whole number of ${least} to ${most}`;
  return z.string().regex(/^\d{1,9}$/, what).transform(Number).refine((value) => value >= least && value <= most, what);
}

/** A TCP port, 0 for any free one. */
export function port() {
  return z
    .string()
    .regex(/^\d{1,5}$/, 'a TCP port')
    .transform(Number)
    .refine((value) => value <= 65_535, 'a TCP port, at most 65535');
}

/**
 * Reads and checks the environment once, at start. A service has no other reader of it.
 *
 * @throws ConfigurationError that names every wrong variable, one per line.
 */
export function loadConfig<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv): z.output<Schema> {
  const result = schema.safeParse(withoutEmpty(env));
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => problemLine(schema, env, issue));
  throw new ConfigurationError(`The environment is not complete:\n${[...new Set(lines)].map((line) => `  ${line}`).join('\n')}`);
}

/** An empty variable is an absent one: shells and compose files cannot say it otherwise. */
function withoutEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
}

function problemLine(schema: z.ZodObject, env: NodeJS.ProcessEnv, issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0] ?? 'environment');
  const advice = descriptionOf(schema.shape[name]);
  const problem = env[name] ? `is set, but expected ${expectation(issue)}` : 'is not set';
  return `${name} ${problem}.${advice ? ` ${advice}` : ''}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  return issue.message.replace(/^Invalid (input|option): (expected )?/i, '').replace(/^Invalid /i, 'a valid ');
}

function descriptionOf(field: unknown): string | undefined {
  return (field as z.ZodType | undefined)?.description;
}
