import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ObjectRef } from '@interlock/contracts';
import type { Identified, ObjectNames } from '../src/ports.js';

/** A target of tables in one schema: names and ids as a test moves them. */
export class FakeNames implements ObjectNames {
  readonly ids = new Map<string, string>();
  readonly children = new Map<string, readonly string[]>();
  readonly parts = new Map<string, readonly string[]>();
  canAnswer = true;
  asked = 0;

  nameOf({ path }: ObjectRef): string | undefined {
    return path.length === 3 ? path.slice(1).join('.') : undefined;
  }

  identify(objects: readonly ObjectRef[]): Promise<Outcome<readonly Identified[]>> {
    this.asked += 1;
    if (!this.canAnswer) return Promise.resolve(refused('identity_unknown', 'The session cannot be asked.', { retryable: true }));
    return Promise.resolve(accepted(objects.map((object) => {
      const id = this.ids.get(this.nameOf(object) ?? '');
      return { id, unqualified: this.ids.get(`elsewhere.${object.path[2]}`), here: 'public', several: id === 'several', parts: this.parts.get(id ?? '') ?? [], children: this.children.get(id ?? '') ?? [] };
    })));
  }
}
