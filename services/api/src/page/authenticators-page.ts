import type { AuthenticatorState, Principal } from '@interlock/contracts';
import type { Api } from './api.js';
import { authenticatorsView, isOf } from './authenticators-view.js';
import { register, sign } from './webauthn.js';

/** What the page does about authenticators; `onChange` and `onFault` are the page's own. */
export class AuthenticatorsPage {
  constructor(private readonly api: Api, private readonly reader: Principal, private readonly onChange: () => void, private readonly onFault: (fault: unknown) => void) {}

  async view(): Promise<HTMLElement> {
    const { authenticators, rpId } = await this.#known();
    return authenticatorsView(authenticators, this.reader, {
      register: (label) => this.#do(async () => {
        const made = await register(rpId, this.reader, this.#mine(authenticators));
        await this.api.post<'vault.proposeAuthenticator'>('/authenticators', { label, ...made });
      }),
      confirm: ({ id, digest }) => this.#do(() => this.api.post<'vault.confirmAuthenticator'>(`/authenticators/${id}/confirmation`, { digest })),
      revoke: ({ id }) => this.#do(() => this.api.delete<'vault.revokeAuthenticator'>(`/authenticators/${id}`)),
    });
  }

  /** The reader's signature over what was on the screen. */
  async sign(grantDigest: string) {
    const { authenticators, rpId } = await this.#known();
    const ids = this.#mine(authenticators).filter(({ status }) => status === 'confirmed').map(({ id }) => id);
    if (ids.length === 0) throw new Error('You have no confirmed authenticator. Register one under Authenticators; a second person confirms it.');
    return sign(rpId, grantDigest, ids);
  }

  #mine(all: readonly AuthenticatorState[]): readonly AuthenticatorState[] {
    return all.filter(({ status }) => status !== 'revoked').filter(isOf(this.reader));
  }

  #known() {
    return this.api.get<'vault.authenticators'>('/authenticators');
  }

  #do(work: () => Promise<unknown>): void {
    work().then(this.onChange, this.onFault);
  }
}
