// What the finder reaches on texts that training did not see: `node training/evaluate.mjs [--misses]`.
import { writeFileSync } from 'node:fs';
import { HELD_OUT_GROUPS, TEMPLATES, Writer } from './documents.mjs';
import { expectedOf, measure } from './measure.mjs';
import { HELD_OUT_PROSE } from './prose.mjs';
import { Random } from './random.mjs';

const SEED = 7;
const TEXTS = 1500;
const isHeldOutGroup = ({ group }) => HELD_OUT_GROUPS.includes(group);
const misses = process.argv.includes('--misses');

function texts(templates, { strangers, hiding = 0, seed = SEED, count = TEXTS }) {
  const random = new Random(seed);
  const writer = new Writer(random, strangers, () => false);
  return Array.from({ length: count }, () => {
    const template = random.pick(templates);
    const document = writer.write(template, { hiding });
    return { group: template.group, text: document.text, spans: expectedOf(document) };
  });
}

const seen = TEMPLATES.filter(({ heldOut, group }) => !heldOut && group !== 'benign');
const unseen = TEMPLATES.filter((template) => template.heldOut && !isHeldOutGroup(template) && template.group !== 'benign');
const benign = TEMPLATES.filter(({ heldOut, group }) => heldOut && group === 'benign');
const SETS = {
  'seen templates, known locales': texts(seen, { strangers: false }),
  'seen templates, unseen locales': texts(seen, { strangers: true }),
  'unseen templates, known locales': texts(unseen, { strangers: false }),
  'unseen templates, unseen locales': texts(unseen, { strangers: true }),
  'unseen groups, unseen locales': texts(TEMPLATES.filter(isHeldOutGroup), { strangers: true }),
  'unseen templates, names of nobody': texts(unseen, { strangers: true, hiding: 1 }),
};

const percent = (share) => `${(100 * share).toFixed(1)}`.padStart(5);
console.log('| set | person precision | recall | place precision | recall |\n|---|---|---|---|---|');
for (const [name, documents] of Object.entries(SETS)) {
  const { person, place } = measure(documents, misses && name.startsWith('unseen') && name.endsWith('unseen locales') ? {
    onMiss: (document, kind, expected, guessed) => console.error(JSON.stringify(document.text), kind, '\n   want', expected.map(({ start, end }) => document.text.slice(start, end)), '\n   got ', guessed.map(({ start, end }) => document.text.slice(start, end))),
  } : {});
  console.log(`| ${name} | ${percent(person.precision)} | ${percent(person.recall)} | ${percent(place.precision)} | ${percent(place.recall)} |`);
}
const plain = measure(texts(benign, { strangers: true }), misses ? { onMiss: ({ text }, kind, _, guessed) => console.error('BENIGN', JSON.stringify(text), kind, guessed.map(({ start, end }) => text.slice(start, end))) } : {});
const prose = measure(HELD_OUT_PROSE.map((text) => ({ text, spans: [] })));
console.log(`\nText without names, ${TEXTS} pieces: ${plain.person.found} persons, ${plain.place.found} places found; ${HELD_OUT_PROSE.length} paragraphs of manuals: ${prose.person.found}, ${prose.place.found}.`);

if (process.argv.includes('--write')) {
  const set = [...texts([...unseen, ...TEMPLATES.filter(isHeldOutGroup)], { strangers: true, seed: 11, count: 600 }), ...texts(benign, { strangers: true, seed: 12, count: 150 })];
  writeFileSync(new URL('../spec/held-out.jsonl', import.meta.url), set.map((document) => `${JSON.stringify(document)}\n`).join(''));
}
