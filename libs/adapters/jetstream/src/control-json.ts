/** What a message says, where it is JSON at all. */
export function json(value: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof value === 'string' ? value : Buffer.from(value).toString('utf8'));
  } catch {
    return undefined;
  }
}

export function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
