/** A map that forgets what was used longest ago. */
export class Recent<T> {
  private readonly entries = new Map<string, T>();

  constructor(private readonly capacity: number) {}

  /** The value, which now counts as just used. */
  get(key: string): T | undefined {
    const value = this.entries.get(key);
    if (value !== undefined && this.entries.size >= this.capacity / 2) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: T): void {
    this.entries.delete(key);
    if (this.entries.size >= this.capacity) {
      const oldest = this.entries.keys().next();
      if (oldest.done !== true) this.entries.delete(oldest.value);
    }
    this.entries.set(key, value);
  }
}
