import { VERBS, type Access, type Action, type SeparatedAct, type Target, type Verb } from '@interlock/contracts';
import { resourceOf } from '../separation-problems.js';
import { liesBelow, namesOf, placeInWords, placesOf, type NamedPlace } from './place.js';

/** What is done, and what is said of it. */
export interface Done {
  readonly accesses: readonly Access[];
  readonly facts: Readonly<Action['facts']>;
}

/** One command as far as dynamic separations look at it. */
export interface Performed {
  readonly action: Done;
  readonly target: Target;
  /** Roles that the rules which permit it name. */
  readonly roles: readonly string[];
}

/**
 * One side of a separation, looked for in a command: in words what exercises it, or moves its place; undefined where nothing does.
 *
 * Code that cannot be looked into may do anything at its target, and what takes others with it (CASCADE) may do the same to anything there.
 * What is done to a schema is done to what it holds, and what is done to a view to the tables behind it.
 */
export class Side {
  readonly #act: SeparatedAct;
  readonly #place: NamedPlace | undefined;

  constructor(act: SeparatedAct) {
    this.#act = act;
    this.#place = act.resource === undefined ? undefined : resourceOf(act.resource);
  }

  /** `moved`: the session has changed what the place's name may mean, so that any object may be the one. */
  exercisedBy({ action: { accesses, facts }, target, roles }: Performed, moved: boolean): string | undefined {
    const { role } = this.#act;
    if (role !== undefined) return roles.includes(role) ? `what role ${role} permits` : undefined;
    if (!this.#isAt(target)) return undefined;
    const anywhere = moved || facts['cascade'] === true;
    const found = accesses.find((access) => this.#isAct(access) && (anywhere || this.#holds(access, target) || this.#isBehind(access, facts)));
    if (found) return inWords(found, target);
    return facts['opaque'] === false ? undefined : `code that cannot be looked into, at target ${target.name}`;
  }

  /** What gives another name or place to the object, or to what it lies in: what is done under other names later may be done to it. */
  movedBy({ action: { accesses }, target }: Performed): string | undefined {
    const found = this.#place && this.#isAt(target) ? accesses.find((access) => MOVING.has(access.verb) && this.#holds(access, target)) : undefined;
    return found && inWords(found, target);
  }

  #isAt(target: Target): boolean {
    return this.#place === undefined || liesBelow(this.#place.id, target.name);
  }

  #isAct({ verb }: Access): boolean {
    return this.#act.verb === undefined ? VERBS[verb as Verb] === this.#act.duty : this.#act.verb === verb;
  }

  #holds({ object }: Access, target: Target): boolean {
    const place = this.#place;
    const places = placesOf(object, target);
    if (!place || places.some(({ type, id }) => type === place.type && id === place.id)) return true;
    if (object.path[1] === UNKNOWN_SCHEMA) return place.type !== 'Table' || namesOf(place.id).at(-1) === object.path.at(-1);
    return places[0]!.type === 'Schema' && liesBelow(place.id, places[0]!.id);
  }

  /** The language tells the tables behind views as `schema.table`, of all views of a command together. */
  #isBehind({ object }: Access, { viewBaseTables: tables }: Action['facts']): boolean {
    const { type, id } = this.#place!;
    if (object.kind !== 'view' || !Array.isArray(tables)) return false;
    const [schema, ...names] = namesOf(id);
    return tables.some((table) => (type === 'Schema' ? table.startsWith(`${schema}.`) : type === 'Table' && table === [schema, ...names].join('.')));
  }
}

/** Stands for the schema of what the catalog did not have when the command was understood: it may be the one. */
const UNKNOWN_SCHEMA = '?';

const MOVING = new Set<string>(['alter', 'rename'] satisfies Verb[]);

function inWords({ verb, object }: Access, target: Target): string {
  return `${verb} on ${placeInWords(placesOf(object, target)[0]!)}`;
}
