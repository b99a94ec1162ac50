import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstallationFault } from '../fault.js';
import { debianArchive, parseDeb822, parseOneLine, sourcesFile, type AptSource } from './apt-sources.js';
import { runProgram } from './run-program.js';

/** apt in a folder of its own: own lists, own cache, own source. It reads the system's state and never changes it. */
export interface AptRoot {
  /** Unpacks one package, without what it depends on, into `into`. */
  unpackOne(name: string, into: string): Promise<void>;
  /** Unpacks a package, and every dependency that this machine lacks, into `into`. */
  unpackWithDependencies(name: string, into: string): Promise<void>;
}

/**
 * Opens a private apt root for one suite of the Debian archive that this machine is configured for.
 *
 * Fails with InstallationFault where the machine is no Debian, has no Debian source, or the archive does not answer.
 */
export async function openAptRoot(folder: string, suite: 'own' | 'trixie'): Promise<AptRoot> {
  const source = await machineArchive();
  const chosen: AptSource = suite === 'own' ? source : { ...source, suites: [suite] };
  const config = await layOut(join(folder, `apt-${suite}`), chosen);
  await apt(config, ['update', '-qq'], `the package lists of ${chosen.uri} (${chosen.suites.join(' ')})`);
  const archives = join(folder, `apt-${suite}`, 'cache', 'archives');
  return {
    unpackOne: async (name, into) => {
      await apt(config, ['download', '-qq', name], `the package ${name}`, archives);
      await unpackAll(archives, into);
    },
    unpackWithDependencies: async (name, into) => {
      const versioned = await versionedPackage(config, name);
      await apt(config, ['install', '-qq', '--yes', '--download-only', '--no-install-recommends', '--reinstall', name, versioned], `the package ${versioned}`);
      await unpackAll(archives, into);
    },
  };
}

async function machineArchive(): Promise<AptSource> {
  const release = existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : '';
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(release)?.[1];
  if (codename === undefined || !existsSync('/usr/bin/apt-get')) {
    throw new InstallationFault('This machine has no apt, so nothing can be installed for you.', 'Install the missing program and put it on PATH.');
  }
  const found = debianArchive(await configuredSources(), codename);
  if (!found.ok) throw new InstallationFault(`Nothing can be installed for you: ${found.refusal.detail}.`, found.refusal.hint ?? '');
  return found.value;
}

async function configuredSources(): Promise<AptSource[]> {
  const parts = '/etc/apt/sources.list.d';
  const names = existsSync(parts) ? (await readdir(parts)).toSorted().map((name) => join(parts, name)) : [];
  const files = ['/etc/apt/sources.list', ...names].filter((file) => existsSync(file));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.flatMap((file, place) => (file.endsWith('.sources') ? parseDeb822 : parseOneLine)(texts[place] ?? ''));
}

/** The system's own apt settings (proxies, certificates) are read first; these come after and win. */
async function layOut(root: string, source: AptSource): Promise<string> {
  await mkdir(join(root, 'lists', 'partial'), { recursive: true });
  await mkdir(join(root, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(join(root, 'interlock.sources'), sourcesFile(source));
  const config = join(root, 'apt.conf');
  await writeFile(config, [
    `Dir::State "${root}";`, `Dir::State::lists "${root}/lists";`, 'Dir::State::status "/var/lib/dpkg/status";',
    `Dir::Cache "${root}/cache";`, `Dir::Cache::archives "${root}/cache/archives";`,
    `Dir::Etc::sourcelist "${root}/interlock.sources";`, 'Dir::Etc::sourceparts "/dev/null";', 'Dir::Etc::preferencesparts "/dev/null";',
    'Debug::NoLocking "true";', 'APT::Update::Error-Mode "any";', 'APT::Sandbox::User "root";', 'APT::Keep-Downloaded-Packages "true";', 'Acquire::Languages "none";',
    '#clear APT::Update::Pre-Invoke;', '#clear APT::Update::Post-Invoke;', '#clear APT::Update::Post-Invoke-Success;',
    '#clear DPkg::Pre-Invoke;', '#clear DPkg::Post-Invoke;', '#clear DPkg::Pre-Install-Pkgs;', '',
  ].join('\n'));
  return config;
}

async function apt(config: string, args: readonly string[], what: string, cwd?: string): Promise<void> {
  const result = await runProgram('apt-get', ['-c', config, ...args], cwd === undefined ? {} : { cwd });
  if (result.code === 0) return;
  const said = result.stderr.split('\n').filter((line) => line.startsWith('E:')).join(' ') || result.stderr.trim();
  throw new InstallationFault(`apt could not fetch ${what}: ${said}`, 'Check the network and /etc/apt, or install the missing program yourself and put it on PATH.');
}

/** `postgresql-client` is empty and depends on `postgresql-client-15`; any other package stands for itself. */
async function versionedPackage(config: string, name: string): Promise<string> {
  const result = await runProgram('apt-cache', ['-c', config, 'depends', '--important', name]);
  return new RegExp(`Depends: (${name}-\\d+)$`, 'm').exec(result.stdout)?.[1] ?? name;
}

/** Each archive is removed once unpacked, so that the next package does not unpack it again. */
async function unpackAll(archives: string, into: string): Promise<void> {
  for (const name of await readdir(archives)) {
    if (!name.endsWith('.deb')) continue;
    const result = await runProgram('dpkg-deb', ['-x', join(archives, name), into]);
    if (result.code !== 0) throw new InstallationFault(`${name} could not be unpacked: ${result.stderr.trim()}`, 'Remove the state folder with `npm run clean` and start again.');
    await rm(join(archives, name));
  }
}
