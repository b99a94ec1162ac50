// `npm start`: prepares the checkout where that is due, then runs the supervisor. `--isolate` gives every service a process of its own.
import { checkout, prepareCheckout, requireNode } from './bootstrap.mjs';
import { requirePorts } from './early-ports.mjs';

requireNode();
await prepareCheckout((line) => console.log(line), () => requirePorts(process.env, checkout));
await import('./dist/main.js');
