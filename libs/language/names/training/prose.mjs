import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
/** The manuals of packages that the repository has anyway: English prose, dense with capitals, almost without names of people. */
const TAUGHT = ['fastify', 'commander', '@nats-io/nats-core'];
const HELD_OUT = ['pg-pool', 'semver'];

function manualsOf(name) {
  const root = rootOf(name);
  const below = (folder) => readdirSync(folder).sort().flatMap((entry) => {
    const path = join(folder, entry);
    if (entry === 'node_modules') return [];
    return statSync(path).isDirectory() ? below(path) : /^(?!change|history|license|ecosystem|contributing).*\.md$/i.test(entry) ? [path] : [];
  });
  return below(root);
}

function rootOf(name) {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) if (folder.endsWith(join('node_modules', name))) return folder;
  throw new Error(`no folder of ${name}`);
}

/** Its sentences: no code, no tables, no links, nobody thanked. */
function sentencesOf(text) {
  return text.replace(/```[\s\S]*?```/g, '').replace(/<[^>]*>/g, ' ').split(/\n\s*\n/).map((part) => part.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*#]+/g, '').replace(/\s+/g, ' ').trim())
    .filter((part) => part.length > 20 && part.length < 600 && !/https?:|\||@|©|copyright|author|thanks|maintain|team|lead|collaborator|contribut/i.test(part));
}

const of = (names) => names.flatMap(manualsOf).flatMap((path) => sentencesOf(readFileSync(path, 'utf8')));
export const PROSE = of(TAUGHT);
export const HELD_OUT_PROSE = of(HELD_OUT);
