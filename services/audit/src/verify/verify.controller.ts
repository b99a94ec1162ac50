import { Controller, Inject, type OnModuleDestroy } from '@nestjs/common';
import { refused } from '@interlock/kernel';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import type { Readers } from '../reading/readers.js';
import { READERS, VERIFICATION } from '../tokens.js';
import { isUnanswered } from './patience.js';
import type { Verification } from './verification.js';

@Controller()
export class VerifyController implements OnModuleDestroy {
  readonly #stop = new AbortController();

  constructor(@Inject(VERIFICATION) private readonly verification: Verification, @Inject(READERS) private readonly readers: Readers) {}

  @Rpc('audit.verify')
  async verify({ token }: RpcParsed<'audit.verify'>): Promise<RpcAnswer<'audit.verify'>> {
    return this.readers.answer(token, { what: 'verify', subject: '' }, () => this.#run(), Infinity);
  }

  onModuleDestroy(): void {
    this.#stop.abort();
  }

  async #run(): Promise<RpcAnswer<'audit.verify'>> {
    try {
      return await this.verification.run(this.#stop.signal);
    } catch (fault) {
      if (!isUnanswered(fault)) throw fault;
      return refused('unavailable', `The verification did not come to an end: ${fault.message}`, { retryable: true });
    }
  }
}
