import { Controller, Inject } from '@nestjs/common';
import { accepted, refused, type LedgerReader } from '@interlock/kernel';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { LEDGER_READER, RECORDER, SEALED_LOG } from '../tokens.js';
import type { Keeper } from '../recorder.js';
import type { ServedLog } from './sealed-log.js';

/** Serves the sealed log: pseudonymous metadata and hashes, nothing that a person could be found by. */
@Controller()
export class LogController {
  constructor(
    @Inject(SEALED_LOG) private readonly log: ServedLog,
    @Inject(RECORDER) private readonly recorder: Keeper,
    @Inject(LEDGER_READER) private readonly reader: LedgerReader,
  ) {}

  @Rpc('recorder.checkpoint')
  checkpoint(): RpcAnswer<'recorder.checkpoint'> {
    return accepted({ checkpoint: this.log.checkpoint, size: this.log.size, verifierKey: this.log.verifierKey });
  }

  @Rpc('recorder.tile')
  async tile({ path }: RpcParsed<'recorder.tile'>): Promise<RpcAnswer<'recorder.tile'>> {
    const bytes = await this.log.read(path);
    return bytes ? accepted({ bytes: bytes.toString('base64') }) : refused('not_found', 'The log has no such file.', { hint: 'Paths are those of C2SP tlog-tiles for the size of the checkpoint.' });
  }

  @Rpc('recorder.prove')
  prove({ event }: RpcParsed<'recorder.prove'>): Promise<RpcAnswer<'recorder.prove'>> {
    return this.log.prove(event);
  }

  @Rpc('recorder.status')
  async status(): Promise<RpcAnswer<'recorder.status'>> {
    const { epoch, sequence } = this.recorder.sealed;
    const { incident } = this.recorder;
    const lag = Math.max(0, (await this.reader.lastSequence()) - sequence);
    return accepted({ epoch, sequence, size: this.log.size, lag, ...(incident ? { halted: { ...incident } } : {}) });
  }
}
