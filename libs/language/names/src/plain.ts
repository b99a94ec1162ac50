import { IN } from './gazetteers.js';
import { CASE, type Page } from './page.js';
import { SHAPES } from './words.js';

const NAMED = IN.firstNames | IN.lastNames | IN.people | IN.cities | IN.countries | IN.states | IN.streetWords | IN.titles | IN.placeBegins | IN.placeGoesOn | IN.calendar;

/**
 * Which tokens of a page need no closer look: words of a dictionary in small letters that no list of names knows, or very frequent ones in a line that has capitals, with nothing else beside them.
 * In prose that is every second one.
 */
export function plainTokens(page: Page): Uint8Array {
  const { count } = page.tokens;
  const dull = Uint8Array.from({ length: count }, (_, at) => (isDull(page, at) ? 1 : 0));
  return Uint8Array.from(dull, (here, at) => here & (at > 0 ? dull[at - 1]! : 0) & (at + 1 < count ? dull[at + 1]! : 0));
}

function isDull(page: Page, at: number): boolean {
  const { shape } = page.words[at]!;
  if (shape >= SHAPES.sign) return true;
  const bits = page.bits[at]!;
  if (shape !== SHAPES.lower || page.keyDistances[at]! < 3 && page.keys[at] !== 0) return false;
  if (bits & IN.frequent && page.cases[at] === CASE.mixed) return (bits & (IN.firstNames | IN.people)) !== (IN.firstNames | IN.people);
  return (bits & IN.ordinary) !== 0 && (bits & NAMED) === 0;
}
