import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Chat, type ChatNotice } from '@interlock/contracts';

export function notice(more: Partial<ChatNotice> = {}): ChatNotice {
  return {
    id: 'g1', revision: 1, status: 'pending', grantDigest: 'd'.repeat(64), requester: 'agent-etl', target: 'shop', verb: 'delete', objects: ['public.orders'], text: 'delete from orders where id = …',
    reasons: ['Deleting needs a DBA.'], quorum: [{ role: 'dba', count: 1 }], votes: [], requestedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:15:00.000Z', approvable: true, ...more,
  };
}

export interface Heard {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Take it, and say nothing. */
  readonly hangUp?: boolean;
}

/** A destination on this machine that keeps what it hears, and answers as it is told. */
export async function destination(answer: (heard: Heard, count: number) => Said): Promise<{ readonly url: string; readonly heard: Heard[]; close(): Promise<void> }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { url: request.url ?? '', method: request.method ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
      heard.push(one);
      const { status = 200, headers = {}, body = '', hangUp } = answer(one, heard.length);
      if (hangUp) return void request.socket.destroy();
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, heard, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(() => resolve()); }) };
}

export function chatWith(more: object): Chat {
  return Chat.parse({ page: 'https://interlock.example/approvals', ...more });
}
