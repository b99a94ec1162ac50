import { Controller, Inject, type OnModuleDestroy } from '@nestjs/common';
import { accepted, refused } from '@interlock/kernel';
import type { RpcClient, Trust } from '@interlock/contracts';
import { Rpc, RPC_CLIENT, TRUST, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import type { WholeLedger } from '../ledger/feed.js';
import type { Readers } from '../reading/readers.js';
import { LEDGER_READER, READERS, VERIFICATION } from '../tokens.js';
import { piecesOf } from './batch-pieces.js';
import { isUnanswered } from './patience.js';
import type { Verification } from './verification.js';

@Controller()
export class VerifyController implements OnModuleDestroy {
  readonly #stop = new AbortController();

  constructor(
    @Inject(VERIFICATION) private readonly verification: Verification, @Inject(READERS) private readonly readers: Readers, @Inject(LEDGER_READER) private readonly ledger: WholeLedger,
    @Inject(RPC_CLIENT) private readonly rpc: RpcClient, @Inject(TRUST) private readonly trust: Trust,
  ) {}

  @Rpc('audit.verify')
  async verify({ token }: RpcParsed<'audit.verify'>): Promise<RpcAnswer<'audit.verify'>> {
    return this.readers.answer(token, { what: 'verify', subject: '' }, () => this.#run(), Infinity);
  }

  @Rpc('audit.evidence')
  async evidence({ token }: RpcParsed<'audit.evidence'>): Promise<RpcAnswer<'audit.evidence'>> {
    return this.readers.answer(token, { what: 'evidence', subject: '' }, async () => {
      const sealed = await this.rpc.call('recorder.checkpoint', {});
      return sealed.ok ? accepted({ checkpoint: sealed.value.checkpoint, lastSequence: await this.ledger.lastSequence(), trust: this.trust }) : sealed;
    });
  }

  /** Reading the whole ledger is one reading; its first page is recorded. */
  @Rpc('audit.batches')
  async batches({ token, after, offset }: RpcParsed<'audit.batches'>): Promise<RpcAnswer<'audit.batches'>> {
    const read = async (): Promise<RpcAnswer<'audit.batches'>> => accepted({ pieces: await piecesOf(this.ledger, after, offset) });
    return after === 0 && offset === 0 ? this.readers.answer(token, { what: 'ledger', subject: '' }, read) : this.readers.answerUnrecorded(token, read);
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
