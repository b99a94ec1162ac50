import { createServer } from 'node:http';
import type { Health } from './health.js';

/**
 * Health over HTTP, for supervisors that speak nothing else: `/health/live` says that the process answers,
 * `/health/ready` gives the report, with status 503 when a check says no. Only for one service per process.
 */
export async function openHealthPort(port: number, health: Health): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const reply = (status: number, body: object) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/health/live') return reply(200, { ok: true });
    if (request.url === '/health/ready') return void health.report().then((report) => reply(report.ok ? 200 : 503, report));
    return reply(404, { ok: false });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '0.0.0.0', resolve));
  return {
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
