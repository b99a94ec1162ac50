import { Argument } from 'commander';
import type { Register } from '../context.js';
import { table } from '../output.js';

export const registerLocks: Register = (program, run) => {
  program.command('lock').description('stop at once').addArgument(new Argument('<scope>', 'what is stopped').choices(['principal', 'party', 'target', 'session', 'connector', 'everything'])).argument('[subject]', 'its name, SERVICE/INSTANCE of a connector; none for everything').requiredOption('--reason <text>', 'why')
    .action(run<{ reason: string }>(async ({ client, output, next, options: { reason } }, scope, subject) => {
      const { lock } = await client.send<'identity.lock'>('POST', '/locks', { scope, subject: subject ?? '', reason });
      output.result(lock, () => `Lock ${lock.id} stands. Lifting it takes two: ${next(`unlock ${lock.id}`, 'NAME')}`);
    }));

  program.command('unlock <lock>').description('agree to lift a lock; the second independent person lifts it')
    .action(run(async ({ client, output }, lock) => {
      const answer = await client.send<'identity.unlock'>('DELETE', `/locks/${encodeURIComponent(lock!)}`);
      output.result(answer, () => (answer.lifted ? `Lifted by ${answer.by.join(' and ')}.` : `Agreed by ${answer.by.join(' and ')}; one more independent person is needed.`));
    }));

  program.command('locks').description('list the locks in force')
    .action(run(async ({ client, output }) => {
      const { locks } = await client.get<'identity.locks'>('/locks');
      output.result(locks, () => table(['LOCK', 'SCOPE', 'SUBJECT', 'BY', 'AT', 'REASON'], locks.map((one) => [one.id, one.scope, one.subject, one.by, one.at, one.reason])));
    }));
};
