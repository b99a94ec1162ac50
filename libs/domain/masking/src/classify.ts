import { NOTHING_TO_HIDE, type ColumnTag, type SurveyedColumn, type TagProposal } from '@interlock/contracts';
import { tagsByName } from './name-hints.js';

/** Of fewer values nothing is concluded. */
const VALUES_MIN = 5;
/** A kind in fewer of the values than this is an accident, or a free text: a matter for the search by content. */
const SHARE_MIN = 0.3;
/** How sure a name alone makes it. */
const BY_NAME = 0.5;
/** What is left of doubt, however many values agree. */
const BY_VALUES_MAX = 0.98;

/**
 * What a column may hold that nobody has said of it yet, the surest first: by kinds of content in a sample of its values, and by its name. A proposal and no more: how sure
 * it is says how much there was to go by, and a person decides. A column with tags of people is proposed other ones only for what its values show.
 */
export function proposedTags(column: SurveyedColumn, present: readonly ColumnTag[]): readonly TagProposal[] {
  const byName = tagsByName(column.column);
  const byValues = Object.entries(column.found).filter(([, count]) => column.values >= VALUES_MIN && count / column.values >= SHARE_MIN);
  const proposals = [
    ...byValues.map(([tag, count]) => ({ tag, sure: rounded(sureOf(count, column.values, byName.includes(tag))), because: `${count} of ${column.values} values${byName.includes(tag) ? ', and its name' : ''}` })),
    ...(present.length > 0 ? [] : byName.filter((tag) => !byValues.some(([found]) => found === tag)).map((tag, index) => ({ tag, sure: rounded(BY_NAME / (index + 1)), because: 'its name' }))),
  ];
  return proposals.filter(({ tag }) => !present.some((one) => one.tag === tag)).sort((one, other) => other.sure - one.sure);
}

/** Laplace's rule of succession: few values leave doubt, however well they agree. */
function sureOf(count: number, values: number, isNamed: boolean): number {
  const share = (count + 1) / (values + 2);
  return Math.min(BY_VALUES_MAX, isNamed ? 1 - (1 - share) / 2 : share);
}

function rounded(sure: number): number {
  return Math.round(sure * 100) / 100;
}

/** How much of a target somebody has looked at. */
export interface Coverage {
  readonly columns: number;
  /** Columns of which something was said, be it that there is nothing to hide. */
  readonly classified: number;
  /** Of these, with something to hide. */
  readonly sensitive: number;
  /** By who said so; what nobody signed is `unsigned`. */
  readonly by: Readonly<Record<string, number>>;
  /** The least sure of what was said, 0 to 1; absent where nothing was. */
  readonly leastSure?: number;
}

/** @param tags of this target alone */
export function coverageOf(columns: readonly Pick<SurveyedColumn, 'schema' | 'table' | 'column'>[], tags: readonly ColumnTag[]): Coverage {
  const paths = new Set(columns.map(({ schema, table, column }) => `${schema}.${table}.${column}`));
  const said = tags.filter(({ column }) => paths.has(column));
  const by: Record<string, number> = {};
  for (const { by: who = 'unsigned' } of said) by[who] = (by[who] ?? 0) + 1;
  return {
    columns: paths.size,
    classified: new Set(said.map(({ column }) => column)).size,
    sensitive: new Set(said.filter(({ tag }) => tag !== NOTHING_TO_HIDE).map(({ column }) => column)).size,
    by,
    ...(said.length > 0 && { leastSure: Math.min(...said.map(({ sure }) => sure)) }),
  };
}
