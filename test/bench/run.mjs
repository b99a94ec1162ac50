// `npm run bench:postgres`: compares Interlock with the direct road and with a peer, as ratios in one run. `npm run bench:policy`: its decisions with bare Cedar. `npm run bench:masking`: what its content net costs and finds.
// `npm run bench:approval`: how long an approval takes to reach the target, and what many waiting commands cost.
import { fileURLToPath } from 'node:url';
import { prepareCheckout, requireNode } from '../../deploy/local/bootstrap.mjs';

const BENCHES = { postgres: './postgres/main.ts', policy: './policy/main.ts', masking: './masking/main.ts', approval: './approval/main.ts' };

requireNode();
const [name, ...options] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name ?? '')) {
  console.error(`Which bench? ${Object.keys(BENCHES).join(', ')}. Options: --write (docs/benchmarks.md for postgres, docs/benchmarks-NAME.md for the others); of postgres alone: --seconds N, --synced-only, --peers-of URL (without Interlock); of approval alone: --rounds N, --parked N.`);
  process.exit(2);
}
await prepareCheckout((line) => console.error(line));

// The bench is TypeScript like the tests and runs on the sources as they do.
const { createViteServer } = await import('vitest/node');
const server = await createViteServer({
  configFile: false, root: fileURLToPath(new URL('../..', import.meta.url)), appType: 'custom', logLevel: 'error', optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null }, resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
});
try {
  const { main } = await server.ssrLoadModule(fileURLToPath(new URL(BENCHES[name], import.meta.url)));
  process.exitCode = await main(options);
} finally {
  await server.close();
}
