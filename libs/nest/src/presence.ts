import type { Ledger } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import type { Logger } from './logger.js';
import type { ServiceIdentity } from './tokens.js';

const RETRY_MS = 1_000;

/**
 * Tells the ledger that this service runs, and that it stopped. Starting does not wait for it: the recorder, which every
 * ledger event needs, may itself be just starting. Until the ledger has acknowledged, health says no.
 */
export class Presence {
  #known = false;
  #left = false;
  #announcing: Promise<void> = Promise.resolve();

  constructor(private readonly ledger: Ledger, private readonly service: ServiceIdentity, private readonly version: string, private readonly logger: Logger) {}

  /** What is missing, for health. */
  get problem(): string | undefined {
    return this.#known ? undefined : 'the ledger has not yet acknowledged that this service started';
  }

  announce(): void {
    this.#announcing = this.#announce();
  }

  /** Nothing is told about a stop when nobody was told about the start. */
  async leave(): Promise<void> {
    this.#left = true;
    if (!this.#known) return;
    const { name, instance } = this.service;
    await this.ledger.append([draft('service.stopped.v1', { service: name, instance })]);
    await this.#announcing;
  }

  async #announce(): Promise<void> {
    const { name, instance } = this.service;
    for (let failures = 0; !this.#left; failures += 1) {
      try {
        await this.ledger.append([draft('service.started.v1', { service: name, instance, version: this.version })]);
        this.#known = true;
        return;
      } catch (error) {
        if (failures === 0) this.logger.warn('the ledger does not yet know that this service started', { error });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }
}
