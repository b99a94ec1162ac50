import { blocksOf, stretchesOf, type Stretch } from './visible-text.js';

type Child = Node | string | undefined | false;
type Attributes = Readonly<Record<string, string | undefined>>;

/**
 * The only place that makes elements. Text becomes text nodes and nothing else: there is no way from here to markup, and the page's policy (Trusted Types)
 * keeps the browser from offering one.
 */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** A button that says what it does and does it. */
export function button(label: string, action: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', action);
  return made;
}

/** Text from outside, on one line, with everything in it visible. */
export function exact(text: string): HTMLElement {
  return element('span', { class: 'exact' }, ...stretchesOf(text).map(piece));
}

/** Text from outside, of any length. */
export function longText(text: string, label: string): HTMLElement {
  const blocks = blocksOf(text).map(({ stretches, goesOn }) => element('pre', { class: goesOn ? 'on' : undefined }, ...(stretches.length > 0 ? stretches.map(piece) : ['\n'])));
  return element('div', { class: 'text', tabindex: '0', role: 'region', 'aria-label': label }, ...blocks);
}

function piece({ kind, text }: Stretch): Node {
  if (kind === 'plain') return document.createTextNode(text);
  return element('span', { class: kind, title: kind === 'escape' ? 'a character that cannot be seen' : 'not an ASCII character' }, text);
}

/** Pairs of a term and what is said of it; what has nothing to say is left out. */
export function terms(...pairs: readonly (readonly [string, ...Child[]])[]): HTMLElement {
  const shown = pairs.filter(([, ...said]) => said.some((child) => child !== undefined && child !== false));
  return element('dl', {}, ...shown.flatMap(([term, ...said]) => [element('dt', {}, term), element('dd', {}, ...said)]));
}

export function paragraph(...children: readonly Child[]): HTMLElement {
  return element('p', {}, ...children);
}
