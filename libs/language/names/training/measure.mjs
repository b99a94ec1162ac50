import { findNames } from '../dist/index.js';

/** The spans that are right for a text of the generator: names, and places as people label them, in code units. Numbers belong to their streets. */
export function expectedOf({ text, parts, groups }) {
  const inGroup = ({ start, end }) => groups.some((group) => start >= group.start && end <= group.end);
  const places = [];
  for (const part of parts) {
    if (['PERSON', 'TITLE', 'ORGANISATION'].includes(part.label) || inGroup(part)) continue;
    const previous = places.at(-1);
    const joins = previous && previous.end === part.start - 1 && /^[ ]$/.test(text.slice(previous.end, part.start)) && [previous.label, part.label].includes('NUMBER') && [previous.label, part.label].includes('STREET');
    if (joins) places[places.length - 1] = { ...previous, end: part.end, label: 'STREET' };
    else places.push({ ...part });
  }
  const told = oneLineAddresses(text, places);
  return [
    ...parts.filter(({ label }) => label === 'PERSON').map(({ start, end }) => ({ start, end, kind: 'person' })),
    ...told.filter(({ label }) => label !== 'NUMBER').map(({ start, end }) => ({ start, end, kind: 'place' })),
    ...groups.map(({ start, end }) => ({ start, end, kind: 'place' })),
  ].sort((one, other) => one.start - other.start);
}

/** Parts of an address that stand in one line, with more of them than street and city, are one; so are the lines of one that has a city with its state or code in a line. */
function oneLineAddresses(text, places) {
  const told = [];
  for (let first = 0; first < places.length;) {
    let after = first + 1;
    while (after < places.length && /^[ ,]*\n?[ ,]*$/.test(text.slice(places[after - 1].end, places[after].start))) after += 1;
    const run = places.slice(first, after);
    const kinds = new Set(run.map(({ label }) => label));
    const lines = run.map((place) => text.slice(0, place.start).split('\n').length);
    const oneLine = new Set(lines).size === 1;
    const cityLine = run.some((place, index) => place.label === 'CITY' && run.some((other, at) => at !== index && lines[at] === lines[index] && ['STATE', 'ZIP'].includes(other.label)));
    const whole = run.length > 1 && kinds.has('STREET') && (oneLine ? [...kinds].some((kind) => kind !== 'STREET' && kind !== 'CITY') : cityLine);
    told.push(...(whole ? [{ start: run[0].start, end: run.at(-1).end, label: 'ADDRESS' }] : run));
    first = after;
  }
  return told;
}

const overlap = (one, other) => {
  const common = Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return common <= 0 ? 0 : common / (Math.max(one.end, other.end) - Math.min(one.start, other.start));
};

/** Spans of the finder in code units. */
export function foundIn(text) {
  const bytes = Buffer.from(text);
  const unit = (at) => bytes.subarray(0, at).toString().length;
  return findNames(text).map((span) => ({ ...span, start: unit(span.start), end: unit(span.end) }));
}

/** Counts of one kind over texts: how many were right, found, and found right (intersection over union at least 0.75). */
export class Score {
  expected = 0;
  found = 0;
  right = 0;

  get recall() {
    return this.expected === 0 ? 1 : this.right / this.expected;
  }

  get precision() {
    return this.found === 0 ? 1 : this.right / this.found;
  }
}

export function measure(documents, { least = 0.75, onMiss } = {}) {
  const scores = { person: new Score(), place: new Score() };
  for (const document of documents) {
    const found = foundIn(document.text);
    for (const kind of ['person', 'place']) {
      const expected = document.spans.filter((span) => span.kind === kind);
      const guessed = found.filter((span) => span.kind === kind);
      const taken = new Set();
      for (const span of expected) {
        const hit = guessed.find((guess) => !taken.has(guess) && overlap(guess, span) >= least);
        if (hit) taken.add(hit);
      }
      scores[kind].expected += expected.length;
      scores[kind].found += guessed.length;
      scores[kind].right += taken.size;
      if (onMiss && (taken.size < expected.length || taken.size < guessed.length)) onMiss(document, kind, expected, guessed);
    }
  }
  return scores;
}
