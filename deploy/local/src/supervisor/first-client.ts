import { chmod, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ensurePostgresClient } from '../provision/debian-tools.js';
import type { Tell } from '../provision/nats-server.js';
import type { Layout } from './layout.js';

/**
 * How to call psql on this machine: by its name where PATH has one, else by a small script in the state folder around
 * Debian's. Where none can be had, the name alone: Interlock runs without it.
 */
export async function firstClient(layout: Layout, path: string, tell: Tell): Promise<string> {
  try {
    const { psql } = await ensurePostgresClient(layout.tools, { path, tell });
    if (Object.keys(psql.env).length === 0) return 'psql';
    const script = join(layout.state, 'psql');
    await writeFile(script, `#!/bin/sh\nLD_LIBRARY_PATH='${psql.env['LD_LIBRARY_PATH'] ?? ''}' exec '${psql.path}' "$@"\n`);
    await chmod(script, 0o755);
    return relative(process.cwd(), script).startsWith('..') ? script : `./${relative(process.cwd(), script)}`;
  } catch (fault) {
    tell(`no psql for the first try: ${fault instanceof Error ? fault.message : String(fault)}`);
    return 'psql';
  }
}
