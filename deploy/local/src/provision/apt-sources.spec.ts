import { describe, expect, it } from 'vitest';
import { debianArchive, parseDeb822, parseOneLine, sourcesFile } from './apt-sources.js';

const DEB822 = `Types: deb
# a comment between fields
URIs: http://mirror.example.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example.test/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example.test/debian
Suites: bookworm
Components: main
`;

describe('parseDeb822', () => {
  it('reads every enabled paragraph', () => {
    expect(parseDeb822(DEB822).map((source) => source.uri)).toEqual([
      'http://mirror.example.test/debian', 'http://mirror.example.test/debian-security',
    ]);
  });

  it('reads values continued on the next line', () => {
    const [source] = parseDeb822('Types: deb\nURIs: http://a.example.test/x\nSuites: one\n two\nComponents: main');
    expect(source?.suites).toEqual(['one', 'two']);
  });

  it('passes over an embedded key', () => {
    const [source] = parseDeb822('Types: deb\nURIs: http://a.example.test/x\nSuites: s\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc');
    expect(source?.signedBy).toBeUndefined();
  });
});

describe('parseOneLine', () => {
  it.each([
    ['deb http://a.example.test/debian bookworm main contrib', { uri: 'http://a.example.test/debian', suites: ['bookworm'], components: ['main', 'contrib'], signedBy: undefined }],
    ['deb [arch=amd64 signed-by=/k.gpg] http://a.example.test/d s main # why', { uri: 'http://a.example.test/d', suites: ['s'], components: ['main'], signedBy: '/k.gpg' }],
  ])('%s', (line, source) => expect(parseOneLine(line)).toEqual([source]));

  it.each(['# deb http://a.example.test/debian bookworm main', 'deb-src http://a.example.test/debian bookworm main', ''])('passes over %j', (line) => {
    expect(parseOneLine(line)).toEqual([]);
  });
});

describe('debianArchive', () => {
  it('takes the source of this release, not security or others', () => {
    const found = debianArchive([...parseDeb822(DEB822)].reverse(), 'bookworm');
    expect(found.ok && found.value.uri).toBe('http://mirror.example.test/debian');
  });

  it('refuses instead of guessing a mirror', () => {
    const found = debianArchive(parseDeb822(DEB822), 'noble');
    expect(found.ok ? undefined : found.refusal.reason).toBe('no_debian_archive');
  });

  it('writes what it reads', () => {
    const [source] = parseDeb822(DEB822);
    expect(source && parseDeb822(sourcesFile(source))).toEqual([source]);
  });
});
