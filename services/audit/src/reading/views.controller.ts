import { Controller, Inject } from '@nestjs/common';
import { accepted, refused } from '@interlock/kernel';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { READERS, VIEWS } from '../tokens.js';
import { approvalsOf, approvalSummary } from '../views/approvals/query.js';
import { budgetSummary, latestWindows } from '../views/budgets/query.js';
import { commandsOf, commandSummary } from '../views/commands/query.js';
import { listSessions, sessionSummary } from '../views/sessions/query.js';
import type { Views } from '../views/views.js';
import type { Readers } from './readers.js';

/** Commands and approvals that one answer holds; a replay pages through all of them. */
const SHOWN = 500;

/** Answers questions from the views. */
@Controller()
export class ViewsController {
  constructor(@Inject(VIEWS) private readonly views: Views, @Inject(READERS) private readonly readers: Readers) {}

  @Rpc('audit.sessions')
  async sessions({ token, ...filter }: RpcParsed<'audit.sessions'>): Promise<RpcAnswer<'audit.sessions'>> {
    return this.readers.answer(token, { what: 'sessions', subject: '' }, async () => {
      return accepted({ sessions: (await listSessions(this.views.repository('sessions'), filter)).map(sessionSummary) });
    });
  }

  @Rpc('audit.session')
  async session({ token, session }: RpcParsed<'audit.session'>): Promise<RpcAnswer<'audit.session'>> {
    return this.readers.answer(token, { what: 'session', subject: session }, async () => {
      const row = await this.views.repository('sessions').findOneBy({ session });
      if (!row) return unknown('session', session);
      const commands = await commandsOf(this.views.repository('commands'), session, { skip: 0, take: SHOWN });
      const approvals = await approvalsOf(this.views.repository('approvals'), session, SHOWN);
      return accepted({ session: { ...row }, commands: commands.map(commandSummary), approvals: approvals.map(approvalSummary) });
    });
  }

  @Rpc('audit.command')
  async command({ token, command }: RpcParsed<'audit.command'>): Promise<RpcAnswer<'audit.command'>> {
    return this.readers.answer(token, { what: 'command', subject: command }, async () => {
      const row = await this.views.repository('commands').findOneBy({ command });
      return row ? accepted({ command: { ...row } }) : unknown('command', command);
    });
  }

  @Rpc('audit.budgets')
  async budgets({ token }: RpcParsed<'audit.budgets'>): Promise<RpcAnswer<'audit.budgets'>> {
    return this.readers.answer(token, { what: 'budgets', subject: '' }, async () => {
      return accepted({ budgets: (await latestWindows(this.views.repository('budgets'), SHOWN)).map(budgetSummary) });
    });
  }

  @Rpc('audit.rebuild')
  async rebuild({ token, view }: RpcParsed<'audit.rebuild'>): Promise<RpcAnswer<'audit.rebuild'>> {
    return this.readers.answer(token, { what: 'rebuild', subject: view ?? '' }, async () => {
      const rebuilt = await this.views.rebuild(view);
      return rebuilt.ok ? accepted({ views: rebuilt.value }) : rebuilt;
    }, Infinity);
  }

  /** Names and numbers only: open to every caller, as health is. */
  @Rpc('audit.status')
  async status(): Promise<RpcAnswer<'audit.status'>> {
    return accepted({ views: (await this.views.status()).map(({ stopped, ...one }) => ({ ...one, ...(stopped && { stopped: { ...stopped } }) })) });
  }
}

function unknown(what: 'session' | 'command', id: string) {
  return refused('not_found', `No ${what} ${id} is in the views.`, { hint: 'The views follow the ledger by a moment; check the id, or ask again.' });
}
