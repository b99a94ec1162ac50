import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openDurable, writeWhole } from '../durable-file.js';
import { LineIndex } from './line-index.js';
import { forEachLine } from './lines.js';

/** One stored key: its id, whose it is, and the wrapped key in base64. An empty key stands for one that was destroyed; nothing writes it yet. */
export interface KeyLine {
  readonly id: string;
  readonly session: string;
  readonly key: string;
}

/** The file of event keys holds a line that is not one. */
export class KeyFileDamaged extends Error {
  override readonly name = 'KeyFileDamaged';
}

/** A line is longer than this only if its ids are longer than any event's metadata could hold. */
export const LINE_BYTES_MAX = 8 * 1024;

interface Waiting {
  readonly line: KeyLine;
  readonly bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Event keys, one JSON line each, appended. An append is durable when its promise resolves; appends that wait together
 * share one sync. A last line that a crash cut short was never answered for, and is cut off. In memory is only where each
 * line begins; of two lines with one id the later counts.
 */
export class KeyFile {
  readonly #index = new LineIndex();
  #waiting: Waiting[] = [];
  #writing = false;
  #torn = false;
  #end = 0;
  #newest: KeyLine | undefined;

  private constructor(private readonly file: FileHandle) {}

  /** @throws KeyFileDamaged naming the line. */
  static async open(path: string): Promise<KeyFile> {
    const file = await openDurable(path);
    const keys = new KeyFile(file);
    try {
      await keys.#takeUp();
      return keys;
    } catch (fault) {
      await file.close();
      throw fault;
    }
  }

  /** The newest line that holds a key. */
  get newest(): KeyLine | undefined {
    return this.#newest;
  }

  /** The line of this id. It is read while the caller waits: some microseconds where the system still has it in memory. */
  find(id: string): KeyLine | undefined {
    const offset = this.#index.find(id, (other) => this.#lineAt(other).id === id);
    return offset === undefined ? undefined : this.#lineAt(offset);
  }

  /** @throws RangeError on a line over LINE_BYTES_MAX. */
  async append(line: KeyLine): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    if (bytes.length > LINE_BYTES_MAX) throw new RangeError(`a stored event key has at most ${LINE_BYTES_MAX} bytes with its names, not ${bytes.length}`);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ line, bytes, resolve, reject });
      if (!this.#writing) void this.#write();
    });
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #takeUp(): Promise<void> {
    let count = 0;
    try {
      this.#end = await forEachLine(this.file, LINE_BYTES_MAX, (text, offset) => {
        count += 1;
        this.#add(parseLine(text, count), offset);
      });
    } catch (fault) {
      throw fault instanceof RangeError ? damaged(count + 1) : fault;
    }
    await this.file.truncate(this.#end);
    await this.file.sync();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#store(group);
        for (const one of group) one.resolve();
      } catch (fault) {
        this.#torn = true;
        for (const one of group) one.reject(fault);
      }
    }
    this.#writing = false;
  }

  /** What a failed write left is cut off first: the next may be shorter. */
  async #store(group: readonly Waiting[]): Promise<void> {
    if (this.#torn) await this.file.truncate(this.#end);
    this.#torn = false;
    await writeWhole(this.file, Buffer.concat(group.map(({ bytes }) => bytes)), this.#end);
    await this.file.datasync();
    for (const { line, bytes } of group) {
      this.#add(line, this.#end);
      this.#end += bytes.length;
    }
  }

  #add(line: KeyLine, offset: number): void {
    this.#index.set(line.id, offset, (other) => this.#lineAt(other).id === line.id);
    if (line.key !== '') this.#newest = line;
  }

  #lineAt(offset: number): KeyLine {
    const bytes = Buffer.allocUnsafe(LINE_BYTES_MAX);
    const read = readSync(this.file.fd, bytes, 0, LINE_BYTES_MAX, offset);
    const text = bytes.subarray(0, read);
    return parseLine(text.toString('utf8', 0, text.indexOf('\n')));
  }
}

function parseLine(text: string, number?: number): KeyLine {
  try {
    const { id, session, key } = JSON.parse(text) as KeyLine;
    if ([id, session, key].every((member) => typeof member === 'string')) return { id, session, key };
  } catch {
    // Named below, like a line of another form.
  }
  throw damaged(number);
}

function damaged(number?: number): KeyFileDamaged {
  return new KeyFileDamaged(`${number === undefined ? 'a line' : `line ${number}`} of the event keys is not one; take the file back from its copy`);
}
