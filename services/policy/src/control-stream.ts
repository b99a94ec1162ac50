import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Bundle } from '@interlock/contracts';
import type { ControlFollower, ControlWriter } from '@interlock/adapter-jetstream';
import type { ControlPort } from './changes/ports.js';

/** The control stream as the change desk sees it: written through one object, read back through another. */
export class ControlStream implements ControlPort {
  constructor(private readonly follower: ControlFollower, private readonly writer: ControlWriter) {}

  bundle(): Bundle | undefined {
    return this.follower.state.bundle;
  }

  /** Resolves once this service itself follows the bundle: what it answers next is by the new one. */
  async publish(text: string, version: number): Promise<Outcome<unknown>> {
    const revision = await this.writer.bundleRevision();
    await this.follower.reached(revision);
    if ((this.bundle()?.version ?? 0) >= version) return accepted(undefined);
    const put = await this.writer.putBundle(text, revision);
    if (!put.ok) return put;
    if (await this.follower.reached(put.value.revision)) return accepted(undefined);
    return refused('unavailable', `Version ${version} is stored and does not come back on the control stream.`, { retryable: true, hint: 'Look at the changes again in a moment.' });
  }
}
