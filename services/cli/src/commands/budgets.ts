import type { Register } from '../context.js';
import { table } from '../output.js';

export const registerBudgets: Register = (program, run) => {
  const budgets = program.command('budgets').description('how much may be done, and how much was');

  budgets.command('list').description('what is used or set aside of each budget, by window, the latest first')
    .action(run(async ({ client, output }) => {
      const answer = await client.get<'audit.budgets'>('/budgets');
      const rows = answer.budgets.map(({ budget, account, leased, left, most, windowEndsAt }) => [budget, account, leased, left, most, windowEndsAt]);
      output.result(answer.budgets, () => table(['BUDGET', 'ACCOUNT', 'USED', 'LEFT', 'MOST', 'WINDOW ENDS'], rows));
    }));
};
