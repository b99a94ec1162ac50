import { createServer } from 'node:net';
import { InstallationFault } from '../fault.js';
import { PORTS, type PortName, type Ports } from '../settings.js';

/** Faults with every port that another program holds, before anything is started. */
export async function refuseTakenPorts(ports: Ports): Promise<void> {
  const names = Object.keys(ports) as PortName[];
  const taken = await Promise.all(names.map(async (name) => ({ name, problem: await problemWith(ports[name]) })));
  const lines = taken.flatMap(({ name, problem }) => (problem === undefined ? [] : [`Port ${ports[name]}, for ${PORTS[name].what}, ${problem} (${PORTS[name].variable}).`]));
  if (lines.length > 0) throw new InstallationFault(lines.join('\n'), 'Set the variable in parentheses to a free port, or stop the program that holds it (`ss -ltnp` shows which).');
}

function problemWith(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (fault: NodeJS.ErrnoException) => resolve(fault.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used: ${fault.code ?? fault.message}`));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(undefined)));
  });
}
