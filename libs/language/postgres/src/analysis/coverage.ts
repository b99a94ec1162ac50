import { tagOf, type Node, type Tag } from '../parser/tree.js';
import { isNode } from './children.js';
import type { Notes } from './notes.js';

/** Node types that carry no meaning of their own: names, constants' insides, options that their statement has read. */
const INERT: ReadonlySet<Tag> = new Set<Tag>([
  'String', 'Integer', 'Float', 'Boolean', 'BitString', 'List', 'A_Star', 'TypeName', 'Alias', 'DefElem', 'RoleSpec', 'AccessPriv',
  'ObjectWithArgs', 'ColumnDef', 'Constraint', 'PartitionElem', 'PartitionRangeDatum', 'TableLikeClause', 'AlterTableCmd', 'FunctionParameter',
  'CollateClause', 'VacuumRelation', 'PublicationObjSpec', 'PublicationTable', 'IndexElem', 'StatsElem', 'CreateOpClassItem', 'TriggerTransition',
  'CreateStmt', 'IndexStmt', 'CreateSeqStmt', 'ViewStmt', 'GrantStmt', 'CreateTrigStmt', 'ReplicaIdentityStmt', 'ATAlterConstraint',
]);

/**
 * Whether every node below was looked at by the rule for it. A field that a rule forgot, or that a newer parser
 * added, shows here as a node nobody visited: then the statement is not understood.
 *
 * @returns the first type that was passed over, or undefined.
 */
export function passedOver(notes: Notes, root: Node): Tag | undefined {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const item of value) pending.push(item);
      continue;
    }
    const missed = missedNode(notes, value);
    if (missed !== undefined) return missed;
    for (const [name, member] of Object.entries(value)) if (typeof member === 'object' && name !== 'typmods') pending.push(member);
  }
  return undefined;
}

/** A relation's name is always looked at, also where the tree holds it without its type. */
function missedNode(notes: Notes, value: object): Tag | undefined {
  if ('relname' in value && !notes.visited.has(value)) return 'RangeVar';
  if (!isNode(value)) return undefined;
  const tag = tagOf(value);
  if (INERT.has(tag)) return undefined;
  const content = (value as Record<string, object>)[tag];
  return content === undefined || notes.visited.has(content) ? undefined : tag;
}
