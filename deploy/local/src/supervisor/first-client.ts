import { relative } from 'node:path';
import { ensurePostgresClient } from '../provision/debian-tools.js';
import type { Tell } from '../provision/nats-server.js';
import { layScript } from '../provision/program-folder.js';
import type { Layout } from './layout.js';

/**
 * How to call psql on this machine: by its name where PATH has one, else by a small script in the state folder around
 * Debian's. Where none can be had, the name alone: Interlock runs without it.
 */
export async function firstClient(layout: Layout, path: string, tell: Tell): Promise<string> {
  try {
    const { psql } = await ensurePostgresClient(layout.tools, { path, tell });
    if (Object.keys(psql.env).length === 0) return 'psql';
    const script = await layScript(layout.programs, 'psql', psql);
    const near = relative(process.cwd(), script);
    return near.startsWith('..') ? script : near;
  } catch (fault) {
    tell(`no psql for the first try: ${fault instanceof Error ? fault.message : String(fault)}`);
    return 'psql';
  }
}
