import { OIDC_LIMITS } from './limits.js';

/** An issuer's document could not be had, or is not what it must be. The message holds no more than address and kind. */
export class IssuerFault extends Error {
  override readonly name = 'IssuerFault';
}

/**
 * Reads one JSON object of an issuer, within its limits of time and size, without following a redirect. Only https,
 * save for this machine itself.
 *
 * @throws IssuerFault
 */
export async function readDocument(address: string): Promise<Record<string, unknown>> {
  const url = permittedUrl(address);
  const signal = AbortSignal.timeout(OIDC_LIMITS.fetchMs);
  try {
    const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } });
    if (!response.ok) throw new IssuerFault(`${url.href} answered ${response.status}`);
    return parseObject(await readBounded(response), url);
  } catch (fault) {
    if (fault instanceof IssuerFault) throw fault;
    throw new IssuerFault(`${url.href} ${signal.aborted ? `did not answer within ${OIDC_LIMITS.fetchMs} ms` : 'cannot be reached'}`);
  }
}

export function permittedUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) throw new IssuerFault('an address of the issuer is not a URL');
  const allowed = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  if (!allowed) throw new IssuerFault(`${url.origin} is not https, which only an issuer on this machine may do without`);
  return url;
}

/** The URL parser has already brought every spelling of an IPv4 address into dotted form. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > OIDC_LIMITS.documentBytes) throw new IssuerFault(`${response.url} sent more than ${OIDC_LIMITS.documentBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseObject(bytes: Buffer, url: URL): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new IssuerFault(`${url.href} did not send a JSON object`);
  return value as Record<string, unknown>;
}
