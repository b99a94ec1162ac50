import { EMPTY_ORDER } from '../demo/shop-rows.js';
import { PORTS, type Ports } from '../settings.js';

/** An order without items or payments: to delete it touches one row. The agent itself may insert it. */
const PUT_BACK = `insert into orders (id, customer_id, status) values (${EMPTY_ORDER}, 1, 'cancelled') on conflict (id) do nothing`;

/** Ends a successful start: what to try, each line ready to paste in the checkout. */
export function whatToTry(ports: Ports, psql: string): string {
  const moved = ports.api === PORTS.api.usual ? '' : `--api http://127.0.0.1:${ports.api} `;
  const as = (name: string): string => `npx interlock ${moved}--token-of ${name}`;
  const client = `PGPASSWORD=$(npx interlock token agent-etl) ${psql} -h 127.0.0.1 -p ${ports.connector} -U agent-etl shop`;
  return `
Interlock is ready. In another terminal, in this folder:

  # an agent reads; card numbers and addresses are masked
  ${client} -c 'select id, name, email, card_number from customers limit 3'
  # it may not change the schema
  ${client} -c 'drop table customers'
  # deleting waits for a DBA. The order of this story, put back where it was deleted before:
  ${client} -c "${PUT_BACK}"
  # ... deleted: leave this one running ...
  ${client} -c 'delete from orders where id = ${EMPTY_ORDER}'
  # ... and decide as the DBA
  ${as('dba')} approvals list
  # what happened, as the auditor
  ${as('auditor')} sessions list
  ${as('auditor')} audit verify
  # the whole story, told by itself
  npm run demo

  Approvals in a browser: http://localhost:${ports.api} (names and secrets: demo/principals.json of the state folder)
  API and its description: http://127.0.0.1:${ports.api}/api/docs
  Stop with Ctrl-C; everything is found again at the next start. \`npm run clean\` removes it all.
`;
}
