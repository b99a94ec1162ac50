import { Controller, Inject } from '@nestjs/common';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import type { Readers } from '../reading/readers.js';
import { ANSWERS, READERS, REPLAY } from '../tokens.js';
import type { AnswerPages } from './answer-pages.js';
import type { Replay } from './replay.js';

@Controller()
export class ReplayController {
  constructor(@Inject(REPLAY) private readonly replay: Replay, @Inject(ANSWERS) private readonly answers: AnswerPages, @Inject(READERS) private readonly readers: Readers) {}

  @Rpc('audit.replay')
  async page({ token, session, after }: RpcParsed<'audit.replay'>): Promise<RpcAnswer<'audit.replay'>> {
    return this.readers.answer(token, { what: 'replay', subject: session }, () => this.replay.page(session, after));
  }

  @Rpc('audit.answer')
  async answer({ token, command, after }: RpcParsed<'audit.answer'>): Promise<RpcAnswer<'audit.answer'>> {
    return this.readers.answer(token, { what: 'answer', subject: command }, () => this.answers.page(command, after));
  }
}
