import { digestOf } from '@interlock/kernel';
import type { PolicyFile } from '@interlock/contracts';

/** The identity of a configuration as its author wrote it: SHA-256 over its files, whatever their order. */
export function contentHash(files: readonly PolicyFile[]): string {
  return digestOf(inOrder(files).map(({ file, text }) => ({ file, text })));
}

/** Files by name, in code-unit order. */
export function inOrder(files: readonly PolicyFile[]): PolicyFile[] {
  return files.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}
