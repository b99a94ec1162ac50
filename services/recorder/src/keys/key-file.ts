import type { FileHandle } from 'node:fs/promises';
import { openDurable } from '../durable-file.js';

/** One stored key: its id, whose it is, and the wrapped key in base64; empty once it was destroyed. */
export interface KeyLine {
  readonly id: string;
  readonly session: string;
  readonly key: string;
}

/** The file of event keys holds a line that is not one. */
export class KeyFileDamaged extends Error {
  override readonly name = 'KeyFileDamaged';
}

/**
 * Event keys, one JSON line each, appended. An append is durable when its promise resolves; appends that wait together
 * share one sync. A last line that a crash cut short was never answered for, and is cut off.
 */
export class KeyFile {
  #waiting: { readonly text: string; readonly resolve: () => void; readonly reject: (fault: unknown) => void }[] = [];
  #writing = false;

  private constructor(private readonly file: FileHandle, private end: number) {}

  /** @throws KeyFileDamaged naming the line. */
  static async open(path: string): Promise<{ readonly file: KeyFile; readonly lines: KeyLine[] }> {
    const file = await openDurable(path);
    try {
      const text = (await file.readFile()).toString('utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      const lines = whole.split('\n').slice(0, -1).map(parseLine);
      await file.truncate(Buffer.byteLength(whole));
      await file.sync();
      return { file: new KeyFile(file, Buffer.byteLength(whole)), lines };
    } catch (fault) {
      await file.close();
      throw fault;
    }
  }

  append(line: KeyLine): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text: `${JSON.stringify(line)}\n`, resolve, reject });
      if (!this.#writing) void this.#write();
    });
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const bytes = Buffer.from(group.map((one) => one.text).join(''));
        await this.file.write(bytes, 0, bytes.length, this.end);
        await this.file.datasync();
        this.end += bytes.length;
        for (const one of group) one.resolve();
      } catch (fault) {
        for (const one of group) one.reject(fault);
      }
    }
    this.#writing = false;
  }
}

function parseLine(text: string, at: number): KeyLine {
  try {
    const { id, session, key } = JSON.parse(text) as KeyLine;
    if ([id, session, key].every((member) => typeof member === 'string')) return { id, session, key };
  } catch {
    // Named below, like a line of another form.
  }
  throw new KeyFileDamaged(`line ${at + 1} of the event keys is not one; take the file back from its copy`);
}
