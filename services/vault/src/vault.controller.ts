import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { CredentialRelease } from './credential-release.js';
import { SECRETS } from './secrets.js';
import { SecretsDesk } from './secrets-desk.js';
import type { SecretStore } from './secret-store.js';

/** Credentials of targets: people set them and never see them again; connectors receive them for one session. */
@Controller()
export class VaultController {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(SecretsDesk) private readonly desk: SecretsDesk,
    @Inject(CredentialRelease) private readonly releasing: CredentialRelease,
    @Inject(SECRETS) private readonly secrets: SecretStore,
  ) {}

  @Rpc('vault.setSecret')
  async setSecret(request: RpcParsed<'vault.setSecret'>): Promise<RpcAnswer<'vault.setSecret'>> {
    const recognised = await this.recognition.recogniseAdministrator(request.token, 'secrets');
    return recognised.ok ? this.desk.set(recognised.value, request.target, request.kind ?? 'standing', request.secret) : recognised;
  }

  @Rpc('vault.listSecrets')
  async listSecrets(request: RpcParsed<'vault.listSecrets'>): Promise<RpcAnswer<'vault.listSecrets'>> {
    const recognised = await this.recognition.recogniseAdministrator(request.token, 'secrets');
    return recognised.ok ? accepted({ secrets: [...(await this.secrets.list())] }) : recognised;
  }

  @Rpc('vault.release')
  release(request: RpcParsed<'vault.release'>): Promise<RpcAnswer<'vault.release'>> {
    return this.releasing.release(request);
  }
}
