import type { Node } from 'libpg-query';

export type { Node } from 'libpg-query';

type KeysOf<U> = U extends U ? keyof U : never;

/** The name of a node type, e.g. `SelectStmt`. */
export type Tag = KeysOf<Node>;

/** The fields of one node type. */
export type Content<T extends Tag> = Extract<Node, Record<T, unknown>>[T];

/** The type of a node: every node is an object with exactly one member, named after its type. */
export function tagOf(node: Node): Tag {
  for (const tag in node) return tag as Tag;
  throw new Error('a node of the parse tree has no type');
}

/** The node's fields when it is of that type. */
export function as<T extends Tag>(node: Node | undefined, tag: T): Content<T> | undefined {
  return node === undefined ? undefined : (node as Partial<Record<Tag, Content<T>>>)[tag];
}

/** The strings of a list of String nodes (a qualified name, a column list); other members give an empty text. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => as(node, 'String')?.sval ?? '');
}

/** A List node's items; a bare node as a list of one. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return as(node, 'List')?.items ?? [node];
}

/** Whether objects nest deeper than `limit`. Not recursive, so that a hostile tree cannot overflow the stack. */
export function nestsDeeperThan(root: object, limit: number): boolean {
  const pending: { value: object; depth: number }[] = [{ value: root, depth: 1 }];
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    if (top.depth > limit) return true;
    const depth = Array.isArray(top.value) ? top.depth : top.depth + 1;
    for (const child of Object.values(top.value)) {
      if (typeof child === 'object' && child !== null) pending.push({ value: child as object, depth });
    }
  }
  return false;
}
