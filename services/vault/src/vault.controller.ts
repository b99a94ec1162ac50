import { Controller, Inject } from '@nestjs/common';
import { accepted, type Outcome } from '@interlock/kernel';
import type { AuthenticatorState } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { CredentialRelease } from './credential-release.js';
import { SECRETS } from './secrets.js';
import { Authenticators } from './signed/authenticators.js';
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
    @Inject(Authenticators) private readonly authenticators: Authenticators,
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

  @Rpc('vault.elevatedTargets')
  async elevatedTargets(): Promise<RpcAnswer<'vault.elevatedTargets'>> {
    return accepted({ targets: (await this.secrets.list()).filter(({ kind }) => kind === 'elevated').map(({ target }) => target) });
  }

  @Rpc('vault.authenticators')
  async listAuthenticators({ token }: RpcParsed<'vault.authenticators'>): Promise<RpcAnswer<'vault.authenticators'>> {
    const reader = await this.recognition.recogniseHuman(token);
    if (!reader.ok) return reader;
    const found = await this.authenticators.list(reader.value);
    return found.ok ? accepted({ authenticators: [...found.value], rpId: this.authenticators.at.rpId }) : found;
  }

  @Rpc('vault.proposeAuthenticator')
  async proposeAuthenticator({ token, ...proposal }: RpcParsed<'vault.proposeAuthenticator'>): Promise<RpcAnswer<'vault.proposeAuthenticator'>> {
    const owner = await this.recognition.recogniseHuman(token);
    return owner.ok ? wrapped(await this.authenticators.propose(owner.value, proposal)) : owner;
  }

  @Rpc('vault.confirmAuthenticator')
  async confirmAuthenticator({ token, id, digest }: RpcParsed<'vault.confirmAuthenticator'>): Promise<RpcAnswer<'vault.confirmAuthenticator'>> {
    const second = await this.recognition.recogniseHuman(token);
    return second.ok ? wrapped(await this.authenticators.confirm(second.value, id, digest)) : second;
  }

  @Rpc('vault.revokeAuthenticator')
  async revokeAuthenticator({ token, id }: RpcParsed<'vault.revokeAuthenticator'>): Promise<RpcAnswer<'vault.revokeAuthenticator'>> {
    const who = await this.recognition.recogniseHuman(token);
    return who.ok ? wrapped(await this.authenticators.revoke(who.value, id)) : who;
  }

  @Rpc('vault.checkSignature')
  async checkSignature({ person, grantDigest, assertion }: RpcParsed<'vault.checkSignature'>): Promise<RpcAnswer<'vault.checkSignature'>> {
    const good = await this.authenticators.check(person, grantDigest, assertion);
    return good.ok ? accepted({}) : good;
  }
}

function wrapped(outcome: Outcome<AuthenticatorState>): Outcome<{ readonly authenticator: AuthenticatorState }> {
  return outcome.ok ? accepted({ authenticator: outcome.value }) : outcome;
}
