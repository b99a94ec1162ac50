import { describe, expect, it } from 'vitest';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { parseVerifierKey, signNote, verifierKeyText, verifyNote } from './note.js';
import { signerOf } from '../spec/signer.js';

const log = signerOf('example.com/log', Buffer.alloc(32, 1));
const witness = signerOf('witness.example');

describe('a signed note', () => {
  it('is the text, a blank line and a signature line', () => {
    const note = signNote('one\n\ntwo\n', log);
    expect(note).toMatch(/^one\n\ntwo\n\n— example\.com\/log [A-Za-z0-9+/]{91}=\n$/u);
    expect(verifyNote(note, log)).toEqual({ ok: true, value: 'one\n\ntwo\n' });
  });

  it('is refused when one byte of the text, the signature or the key is another', () => {
    const note = signNote('text\n', log);
    expect(verifyNote(note.replace('text', 'test'), log)).toMatchObject({ refusal: { reason: 'note_signature_wrong' } });
    const last = note.at(-4)!;
    expect(verifyNote(`${note.slice(0, -4)}${last === 'A' ? 'B' : 'A'}${note.slice(-3)}`, log).ok).toBe(false);
    expect(verifyNote(note, signerOf('example.com/log'))).toMatchObject({ refusal: { reason: 'note_unsigned' } });
    expect(verifyNote(note.replace('\n\n', '\n'), log)).toMatchObject({ refusal: { reason: 'note_malformed' } });
  });

  it('may carry other signatures beside ours, and needs ours', () => {
    const cosigned = signNote('text\n', log) + signNote('text\n', witness).split('\n\n')[1]!;
    expect(verifyNote(cosigned, log).ok).toBe(true);
    expect(verifyNote(cosigned, witness).ok).toBe(true);
    expect(verifyNote(signNote('text\n', witness), log)).toMatchObject({ refusal: { reason: 'note_unsigned' } });
  });

  it('cannot be made of a text without a last newline, nor under a name with a space', () => {
    expect(() => signNote('text', log)).toThrow(RangeError);
    expect(() => signNote('text\n', signerOf('a b'))).toThrow(RangeError);
  });
});

describe('a verifier key as text', () => {
  it('reads the example key of the Go implementation', () => {
    const known = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const key = parseVerifierKey(known);
    expect(key.ok && verifierKeyText(key.value)).toBe(known);
  });

  it('comes back, and is refused when its id is another key\'s', () => {
    expect(parseVerifierKey(verifierKeyText(log))).toEqual({ ok: true, value: { name: log.name, publicKey: Buffer.from(log.publicKey) } });
    expect(parseVerifierKey(verifierKeyText(log).replace('example.com', 'example.org')).ok).toBe(false);
    expect(parseVerifierKey('not a key').ok).toBe(false);
  });
});

describe('a checkpoint', () => {
  const checkpoint = { origin: log.name, size: 7, root: Buffer.alloc(32, 9) };

  it('comes back from its note', () => expect(openCheckpoint(signCheckpoint(checkpoint, log), log)).toEqual({ ok: true, value: checkpoint }));
  it('of another log is refused', () => {
    expect(openCheckpoint(signCheckpoint({ ...checkpoint, origin: 'example.org' }, log), log)).toMatchObject({ refusal: { reason: 'checkpoint_foreign' } });
  });
  it('is refused with a size or root that is none', () => {
    for (const text of [`${log.name}\n07\n${'A'.repeat(43)}=\n`, `${log.name}\n-1\n${'A'.repeat(43)}=\n`, `${log.name}\n7\nAAAA\n`, `${log.name}\n`]) {
      expect(openCheckpoint(signNote(text, log), log)).toMatchObject({ refusal: { reason: 'checkpoint_malformed' } });
    }
  });
});
