import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { CLOCK, Rpc, type Clock, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import type { Readers } from '../reading/readers.js';
import { READERS, VIEWS } from '../tokens.js';
import type { Views } from '../views/views.js';
import { Explanations } from './explanations.js';

@Controller()
export class ExplainController {
  readonly #explanations: Explanations;

  constructor(@Inject(VIEWS) views: Views, @Inject(READERS) private readonly readers: Readers, @Inject(CLOCK) clock: Clock) {
    this.#explanations = new Explanations(views, () => clock.nowMs());
  }

  @Rpc('audit.explain')
  async explain({ token, id }: RpcParsed<'audit.explain'>): Promise<RpcAnswer<'audit.explain'>> {
    const explained = await this.readers.answerConcerned(token, { what: 'explanation', subject: id }, (reader) => this.#explanations.of(id, reader));
    return explained.ok ? accepted({ explanation: explained.value }) : explained;
  }
}
