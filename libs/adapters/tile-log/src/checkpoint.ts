import { accepted, refused, type Outcome } from '@interlock/kernel';
import { signNote, verifyNote, type NoteSigner, type NoteVerifier } from './note.js';

/** What a log commits to at one moment: its name, how many leaves, and their RFC 6962 root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** A signed checkpoint (C2SP tlog-checkpoint). */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string {
  return signNote(`${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`, signer);
}

/** Checks the signature and the form of a checkpoint, and that it is this log's: its origin is the key's name. */
export function openCheckpoint(note: string, key: NoteVerifier): Outcome<Checkpoint> {
  const text = verifyNote(note, key);
  if (!text.ok) return text;
  const [origin, size, root] = text.value.split('\n');
  if (origin !== key.name) return refused('checkpoint_foreign', `The checkpoint is of log ${origin}, not of ${key.name}.`);
  const bytes = Buffer.from(root ?? '', 'base64');
  if (!/^(0|[1-9]\d{0,15})$/.test(size ?? '') || bytes.length !== 32 || bytes.toString('base64') !== root) {
    return refused('checkpoint_malformed', 'The checkpoint does not hold a size and a SHA-256 root.');
  }
  return accepted({ origin, size: Number(size), root: bytes });
}
