#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('interlock is not built yet. Run `npm start` (or `npm run build`) in the checkout first.\n');
  process.exit(2);
}
await import(main.href);
