/** Things that go by a schema and a name, found by it at once however many there are. */
export class Shelf<T extends { readonly schema: string; readonly name: string }> {
  private things = new Set<T>();
  private byName = new Map<string, T[]>();

  add(thing: T): void {
    this.things.add(thing);
    const same = this.byName.get(thing.name);
    if (same === undefined) this.byName.set(thing.name, [thing]);
    else same.push(thing);
  }

  remove(gone: (thing: T) => boolean): void {
    this.things = new Set([...this.things].filter((thing) => !gone(thing)));
    this.reindex();
  }

  /** Changes the schema or the name of some. */
  rename(change: (thing: { -readonly [K in keyof T]: T[K] }) => void): void {
    for (const thing of this.things) change(thing);
    this.reindex();
  }

  named(name: string): readonly T[] {
    return this.byName.get(name) ?? [];
  }

  find(schema: string, name: string, wanted: (thing: T) => boolean = () => true): T | undefined {
    return this.named(name).find((thing) => thing.schema === schema && wanted(thing));
  }

  get all(): Iterable<T> {
    return this.things;
  }

  private reindex(): void {
    const things = this.things;
    this.things = new Set();
    this.byName = new Map();
    for (const thing of things) this.add(thing);
  }
}
