import { accepted, type Outcome } from '@interlock/kernel';
import type { Access, Action, Target } from '@interlock/contracts';
import { interpretText, statedIn, type Interpretation } from '@interlock/language-postgres';
import { assumedCatalog } from './assumed-catalog.js';

/** What a text would mean at a target that is not asked, and what had to be assumed for it. */
export interface Hypothesis {
  /** One per statement. */
  readonly actions: readonly Action[];
  readonly assumptions: readonly string[];
}

/** Where a name without a schema lies, to an interpretation without a catalog. */
export const UNKNOWN_SCHEMA = '?';
export const HYPOTHETICAL_SEARCH_PATH = ['"$user"', 'public'];

/** Nothing is known of the target's objects here: connectors read catalogs, this service reaches no target. */
const NO_CATALOG = assumedCatalog({ tables: new Map(), functions: new Map() });

/** Interprets a text without the target's catalog. Refuses what cannot be parsed or understood, as a connector would. */
export function hypothesisOf(text: string, target: Target): Outcome<Hypothesis> {
  const interpreted = interpretText(text, { catalog: NO_CATALOG, target: target.name, database: target.database, searchPath: HYPOTHETICAL_SEARCH_PATH, user: '' });
  if (!interpreted.ok) return interpreted;
  const assumptions = new Set<string>();
  const actions = interpreted.value.map((meaning) => ({ ...actionOf(meaning, target, assumptions), ...statedOf(interpreted.value.length === 1 ? text : meaning.text) }));
  return accepted({ actions, assumptions: [...assumptions] });
}

function actionOf(meaning: Interpretation, target: Target, assumptions: Set<string>): Action {
  const accesses = meaning.accesses.flatMap((access) => assumed(access, assumptions));
  const bare: Access = { verb: meaning.verb, duty: meaning.duty, object: { kind: 'target', path: [target.name] } };
  return {
    protocol: target.protocol, verb: meaning.verb, text: meaning.text, parameters: [],
    accesses: accesses.length > 0 ? accesses : [bare],
    facts: { ...meaning.facts },
    context: { database: target.database, search_path: HYPOTHETICAL_SEARCH_PATH.join(', ') },
  };
}

/** A comment before the only statement is part of the text, and not of the statement. */
function statedOf(text: string): Pick<Action, 'stated'> {
  const stated = statedIn(text);
  return stated ? { stated } : {};
}

/** Names without a schema are taken where PostgreSQL would find them by default. */
function assumed(access: Access, assumptions: Set<string>): Access[] {
  const [top = '', schema, ...rest] = access.object.path;
  if (schema !== UNKNOWN_SCHEMA) return [access];
  const name = rest.join('.');
  if (access.object.kind === 'function') {
    assumptions.add(`The function ${name} is taken to be a harmless one of PostgreSQL's own.`);
    return [];
  }
  assumptions.add(`${name} is taken to be a ${access.object.kind} in schema public.`);
  return [{ ...access, object: { ...access.object, path: [top, 'public', ...rest] } }];
}
