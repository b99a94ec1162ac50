import { Controller, Inject, type OnModuleDestroy } from '@nestjs/common';
import { refused } from '@interlock/kernel';
import { BusUnavailable } from '@interlock/adapter-jetstream';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { KeysUnavailable } from '../ledger/event-keys.js';
import type { Readers } from '../reading/readers.js';
import { READERS, VERIFICATION } from '../tokens.js';
import { LogUnavailable, type Verification } from './verification.js';

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
      if (!(fault instanceof KeysUnavailable || fault instanceof LogUnavailable || fault instanceof BusUnavailable)) throw fault;
      return refused('unavailable', `The verification did not come to an end: ${fault.message}`, { retryable: true });
    }
  }
}
