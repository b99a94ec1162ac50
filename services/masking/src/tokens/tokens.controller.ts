import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { KeyDesk } from '../keys/key-desk.js';
import { TokenKeys } from '../keys/token-keys.js';
import { Detokeniser } from './detokeniser.js';

/** Requests about tokens and their keys. */
@Controller()
export class TokensController {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(KeyDesk) private readonly desk: KeyDesk,
    @Inject(TokenKeys) private readonly tokenKeys: TokenKeys,
    @Inject(Detokeniser) private readonly detokeniser: Detokeniser,
  ) {}

  @Rpc('masking.releaseKeys')
  releaseKeys({ connector, kinds }: RpcParsed<'masking.releaseKeys'>): Promise<RpcAnswer<'masking.releaseKeys'>> {
    return this.desk.release(connector, kinds);
  }

  @Rpc('masking.keys')
  async keys({ token }: RpcParsed<'masking.keys'>): Promise<RpcAnswer<'masking.keys'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'secrets', 'audit');
    return reader.ok ? accepted({ keys: [...(await this.tokenKeys.list())] }) : reader;
  }

  @Rpc('masking.rotateKey')
  async rotateKey({ token, kind }: RpcParsed<'masking.rotateKey'>): Promise<RpcAnswer<'masking.rotateKey'>> {
    const who = await this.recognition.recogniseAdministrator(token, 'secrets');
    return who.ok ? this.desk.rotate(who.value, kind) : who;
  }

  @Rpc('masking.detokenise')
  async detokenise({ token, masked, reason }: RpcParsed<'masking.detokenise'>): Promise<RpcAnswer<'masking.detokenise'>> {
    const who = await this.recognition.recogniseHuman(token);
    return who.ok ? this.detokeniser.reveal(who.value, masked, reason) : who;
  }
}
