// `npm start`: prepares the checkout where that is due, then runs the supervisor. `--isolate` gives every service a process of its own.
import { prepareCheckout, requireNode } from './bootstrap.mjs';

requireNode();
await prepareCheckout((line) => console.log(line));
await import('./dist/main.js');
