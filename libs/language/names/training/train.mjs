// Trains the tagger and writes src/model.data.ts: `node training/train.mjs`, after `npx tsc -b`. The same seed gives the same file.
import { writeFileSync } from 'node:fs';
import { describe, FEATURE_BITS, FeatureRows } from '../dist/features.js';
import { bitsOf, IN } from '../dist/gazetteers.js';
import { hashOf } from '../dist/hashing.js';
import { LABEL_COUNT, LABELS, SEPARATOR_COUNT } from '../dist/labels.js';
import { PackedRows } from '../dist/packed-rows.js';
import { pageOf } from '../dist/page.js';
import { storable } from '../dist/stored.js';
import { bestPath } from '../dist/tagger.js';
import { folded, Lexicon } from '../dist/words.js';
import { TEMPLATES, Writer } from './documents.mjs';
import { PROSE } from './prose.mjs';
import { makeGazetteers } from './gazetteers.mjs';
import { Random } from './random.mjs';

const SEED = 20261128;
const TEXTS = 30_000;
const ROUNDS = 3;
/** A feature that tokens of fewer templates have is not learned: it would be known by heart, and say nothing of other texts. */
const LEAST_TEMPLATES = 6;
/** Of the lists, these say nothing of a name that is hidden from them. */
const HIDDEN_BITS = IN.firstNames | IN.lastNames | IN.people | IN.cities | IN.countries | IN.states | IN.placeBegins | IN.placeGoesOn;
const HIDING = 0.35;
/** The share of features that each token does without each time, at random, so that none is relied on alone. */
const DROPPED = 0.35;
/** By how many points the right label has to win: over other labels, and over none. */
const MARGIN = 9;
const MARGIN_MISSED = 8;
/** Weights of fewer points than this are left out. */
const PRUNED = 7;
/** What share of texts are of manuals, and how many templates more than come up by chance have nothing to find in them. */
const PROSE_SHARE = 0.08;
const BENIGN_SHARE = 0.15;
/** What share of a template's own words become others, so that it is not known by its words. */
const REPLACING = [0, 0, 0.15, 0.3, 0.5];

const started = process.hrtime.bigint();
const tell = (line) => console.log(`${String((process.hrtime.bigint() - started) / 1_000_000n).padStart(7)} ms  ${line}`);

const random = new Random(SEED);
const gazetteers = makeGazetteers();
const lexicon = new Lexicon(gazetteers);
tell(`lists: ${gazetteers.words.map(({ bytes }) => bytes.length).join(' ')} phrases ${gazetteers.phrases.length} heads ${gazetteers.phraseHeads.length} bytes`);

const isName = (word) => (bitsOf(gazetteers, hashOf(folded(word))) & (IN.firstNames | IN.countries)) !== 0;
const writer = new Writer(random, false, isName);
const templates = TEMPLATES.filter((template) => !template.heldOut);
const benign = templates.filter(({ group }) => group === 'benign' || group === 'organisations');

/** The label of each token: the piece that it begins in says which, and whether it begins it. */
function labelsOf(page, document) {
  const labels = new Uint8Array(page.tokens.count);
  for (const { start, end, label } of document.parts) {
    let begun = false;
    for (let at = 0; at < page.tokens.count; at += 1) {
      if (page.tokens.starts[at] < start || page.tokens.starts[at] >= end) continue;
      const parted = LABELS.includes(`B-${label}`);
      labels[at] = LABELS.indexOf(parted ? `${begun ? 'I' : 'B'}-${label}` : label);
      begun = true;
    }
  }
  return labels;
}

function exampleOf(document) {
  const page = pageOf(document.text, lexicon, gazetteers);
  for (const { start, end, hidden } of document.parts) {
    if (!hidden) continue;
    for (let at = 0; at < page.tokens.count; at += 1) if (page.tokens.starts[at] >= start && page.tokens.starts[at] < end) page.bits[at] &= ~HIDDEN_BITS;
  }
  const features = new FeatureRows();
  const rows = [];
  for (let at = 0; at < page.tokens.count; at += 1) {
    describe(page, at, features);
    rows.push(features.rows.slice(0, features.count));
  }
  return { separators: page.tokens.separators.slice(0, page.tokens.count), labels: labelsOf(page, document), rows };
}

const examples = [];
for (let index = 0; index < TEXTS; index += 1) {
  if (random.chance(PROSE_SHARE)) {
    const which = random.below(PROSE.length);
    examples.push({ ...exampleOf({ text: PROSE[which], parts: [] }), template: -1 - which });
    continue;
  }
  // Longer texts, of several templates, now and then.
  const drawn = Array.from({ length: random.chance(0.2) ? random.between(2, 4) : 1 }, () => random.pick(random.chance(BENIGN_SHARE) ? benign : templates));
  const documents = drawn.map((template) => writer.write(template, { hiding: HIDING, replacing: random.pick(REPLACING) }));
  let text = '';
  const parts = [];
  for (const document of documents) {
    for (const part of document.parts) parts.push({ ...part, start: part.start + text.length, end: part.end + text.length });
    text += document.text + random.pick([' ', '\n', '\n\n']);
  }
  examples.push({ ...exampleOf({ text, parts }), template: drawn[0].text.includes('{salad}') ? -10_000 - index : templates.indexOf(drawn[0]) });
}
const tokens = examples.reduce((sum, { labels }) => sum + labels.length, 0);
tell(`${examples.length} texts, ${tokens} tokens`);

const templatesOf = new Uint32Array(2 ** FEATURE_BITS);
const lastTemplate = new Int32Array(2 ** FEATURE_BITS).fill(-TEXTS - 20_000);
for (const { rows, template } of [...examples].sort((one, other) => one.template - other.template)) {
  for (const row of rows.flatMap((token) => [...token])) {
    if (lastTemplate[row] !== template) templatesOf[row] += 1;
    lastTemplate[row] = template;
  }
}
for (const example of examples) example.rows = example.rows.map((token) => token.filter((row) => templatesOf[row] >= LEAST_TEMPLATES));

const emissions = new Float32Array(2 ** FEATURE_BITS * LABEL_COUNT);
const summed = new Float64Array(emissions.length);
const transitions = new Float32Array(SEPARATOR_COUNT * LABEL_COUNT * LABEL_COUNT);
const transitionsSummed = new Float64Array(transitions.length);
let step = 1;

function learn({ separators, labels, rows: allRows }) {
  const count = labels.length;
  const rows = allRows.map((token) => token.filter(() => !random.chance(DROPPED)));
  const points = new Float32Array(count * LABEL_COUNT);
  for (let at = 0; at < count; at += 1) {
    const base = at * LABEL_COUNT;
    for (const row of rows[at]) for (let label = 0; label < LABEL_COUNT; label += 1) points[base + label] += emissions[row * LABEL_COUNT + label];
    for (let label = 0; label < LABEL_COUNT; label += 1) if (label !== labels[at]) points[base + label] += label === 0 ? MARGIN_MISSED : MARGIN;
  }
  const guessed = bestPath({ separators, plain: new Uint8Array(count), points }, transitions);
  let wrong = 0;
  const add = (row, label, by) => {
    emissions[row * LABEL_COUNT + label] += by;
    summed[row * LABEL_COUNT + label] += by * step;
  };
  const addTransition = (separator, previous, label, by) => {
    const index = (separator * LABEL_COUNT + previous) * LABEL_COUNT + label;
    transitions[index] += by;
    transitionsSummed[index] += by * step;
  };
  for (let at = 0; at < count; at += 1) {
    const [right, guess] = [labels[at], guessed[at]];
    if (right !== guess) {
      wrong += 1;
      for (const row of rows[at]) {
        add(row, right, 1);
        add(row, guess, -1);
      }
    }
    if (at > 0 && (right !== guess || labels[at - 1] !== guessed[at - 1])) {
      addTransition(separators[at], labels[at - 1], right, 1);
      addTransition(separators[at], guessed[at - 1], guess, -1);
    }
  }
  step += 1;
  return wrong;
}

for (let round = 1; round <= ROUNDS; round += 1) {
  for (let at = examples.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [examples[at], examples[other]] = [examples[other], examples[at]];
  }
  const wrong = examples.reduce((sum, example) => sum + learn(example), 0);
  tell(`round ${round}: ${((100 * wrong) / tokens).toFixed(2)} % of tokens wrong`);
}

const averaged = (weights, sums) => weights.map((weight, index) => weight - sums[index] / step);
const mean = averaged(emissions, summed);
const meanTransitions = averaged(transitions, transitionsSummed);
const sizes = [...mean].map(Math.abs).filter((size) => size > 0.05).sort((one, other) => one - other);
const top = sizes[Math.floor(sizes.length * 0.9995)];
const scale = top / 127;
const rounded = (weight) => Math.max(-127, Math.min(127, Math.round(weight / scale)));
const kept = Array.from({ length: 2 ** FEATURE_BITS }, (_, row) => ({ row, points: Array.from(mean.subarray(row * LABEL_COUNT, (row + 1) * LABEL_COUNT), (weight) => (Math.abs(weight) < PRUNED * scale ? 0 : rounded(weight))) }))
  .filter(({ points }) => points.some((point) => point !== 0));
const packed = new PackedRows(kept.length, kept.length * LABEL_COUNT);
for (const { row, points } of kept) packed.add(row, points);
const weights = {
  emissions: packed,
  transitions: Int16Array.from(meanTransitions, (weight) => Math.max(-32767, Math.min(32767, Math.round(weight / scale)))),
  scale,
};
const stored = storable({ weights, gazetteers });
const header = '// Written by training/train.mjs: weights of the tagger and filters of the lists. Not to be changed by hand.\n';
const source = `${header}import type { StoredModel } from './stored.js';\n\nexport const STORED: StoredModel = ${JSON.stringify(stored)};\n`;
writeFileSync(new URL('../src/model.data.ts', import.meta.url), source);
tell(`weights ${stored.emissions.length}, lists ${stored.words.reduce((sum, { filter }) => sum + filter.length, 0) + stored.phrases.length + stored.phraseHeads.length}, whole ${source.length} bytes`);
