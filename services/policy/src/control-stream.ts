import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Bundle } from '@interlock/contracts';
import type { ControlFollower, ControlWriter } from '@interlock/adapter-jetstream';
import type { ControlPort } from './changes/ports.js';

/** How long a stored bundle may take to come back on the control stream. */
const IN_FORCE_MS = 5_000;

/** The control stream as the change desk sees it: written through one object, read back through another. */
export class ControlStream implements ControlPort {
  constructor(private readonly follower: ControlFollower, private readonly writer: ControlWriter) {}

  bundle(): Bundle | undefined {
    return this.follower.state.bundle;
  }

  async publish(text: string, version: number): Promise<Outcome<unknown>> {
    const revision = await this.writer.bundleRevision();
    if ((this.bundle()?.version ?? 0) >= version) return accepted(undefined);
    const put = await this.writer.putBundle(text, revision);
    return put.ok ? this.#inForce(version) : put;
  }

  /** Waits until this service itself follows the bundle: what it answers next is by the new one. */
  async #inForce(version: number): Promise<Outcome<unknown>> {
    const done = (): boolean => (this.bundle()?.version ?? 0) >= version;
    if (done()) return accepted(undefined);
    return new Promise((resolve) => {
      const finish = (outcome: Outcome<unknown>): void => {
        clearTimeout(timer);
        stop();
        resolve(outcome);
      };
      const stop = this.follower.onChange(() => {
        if (done()) finish(accepted(undefined));
      });
      const timer = setTimeout(() => finish(refused('unavailable', `Version ${version} is stored and does not come back on the control stream.`, { retryable: true, hint: 'Look at the changes again in a moment.' })), IN_FORCE_MS);
    });
  }
}
