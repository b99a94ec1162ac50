import { accepted, refused, type Outcome } from '@interlock/kernel';

/** One archive as this machine's apt is configured to use it. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

/** Keyring of the Debian package `debian-archive-keyring`, present on every Debian. */
export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The Debian archive that this machine already draws from: the first enabled source of component `main` whose suite is
 * the machine's release. Security and vendor archives are passed over, because their suites differ.
 */
export function debianArchive(sources: readonly AptSource[], codename: string): Outcome<AptSource> {
  const found = sources.find((source) => source.components.includes('main') && source.suites.includes(codename));
  if (found !== undefined) return accepted(found);
  return refused('no_debian_archive', `no apt source of this machine offers the suite ${codename}, component main`, {
    hint: 'Add a Debian mirror to /etc/apt/sources.list.d, or install the missing programs yourself and put them on PATH.',
  });
}

/** Reads deb822 text (`*.sources`, see sources.list(5)): paragraphs of `Field: value`. */
export function parseDeb822(text: string): AptSource[] {
  return paragraphs(text).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph);
    const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') return [];
    return words('uris').map((uri) => ({ uri, suites: words('suites'), components: words('components'), signedBy: keyring(fields.get('signed-by')) }));
  });
}

/** Reads one-line style text (`*.list`): `deb [ options ] uri suite component...`. */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /signed-by=(\S+)/.exec(options)?.[1];
    return [{ uri, suites: [suite], components: components.split(/\s+/).filter((word) => word !== ''), signedBy: keyring(signedBy) }];
  });
}

/** A deb822 sources file for one archive. */
export function sourcesFile(source: AptSource): string {
  return [
    'Types: deb', `URIs: ${source.uri}`, `Suites: ${source.suites.join(' ')}`, `Components: ${source.components.join(' ')}`,
    `Signed-By: ${source.signedBy ?? DEBIAN_KEYRING}`, '',
  ].join('\n');
}

function paragraphs(text: string): string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines.join('\n').split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '');
}

function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current = '';
  for (const line of paragraph.split('\n')) {
    const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (field === null) fields.set(current, `${fields.get(current) ?? ''} ${line.trim()}`);
    else fields.set((current = (field[1] ?? '').toLowerCase()), field[2] ?? '');
  }
  return fields;
}

/** Only a file can be taken over; an embedded key block falls back to Debian's keyring. */
function keyring(value: string | undefined): string | undefined {
  const first = value?.trim().split(/\s+/)[0];
  return first?.startsWith('/') ? first : undefined;
}
