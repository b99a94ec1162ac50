import { tagOf, type Node, type Tag } from '../parser/tree.js';

/** Whether an object of the parse tree is a typed node: one member, whose name starts with a capital letter. */
export function isNode(value: object): value is Node {
  const names = Object.keys(value);
  const [name] = names;
  return names.length === 1 && name !== undefined && name.charCodeAt(0) >= 65 && name.charCodeAt(0) <= 90;
}

/**
 * The outermost nodes of wanted types below an object, through everything that is not wanted itself. The caller asks
 * again below each, so nothing is met twice.
 */
export function childNodes(parent: object, wanted: (tag: Tag) => boolean): Node[] {
  const found: Node[] = [];
  for (const value of Object.values(parent)) collect(value, wanted, found);
  return found;
}

function collect(value: unknown, wanted: (tag: Tag) => boolean, found: Node[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, wanted, found);
  } else if (isNode(value) && wanted(tagOf(value))) {
    found.push(value);
  } else {
    for (const member of Object.values(value)) collect(member, wanted, found);
  }
}
