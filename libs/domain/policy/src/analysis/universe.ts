import { Duty, VERBS, type Configuration, type Target, type Verb } from '@interlock/contracts';
import type { Actor, Foresight, Named, Place } from './foresight.js';
import type { Member } from './member.js';
import type { Parties } from './parties.js';

/** Principals that no rule can tell apart, as one. */
export interface Cast {
  readonly actor: Actor;
  /** Whoever acts so. In others' hands a principal counts as an agent with its own name and roles. */
  readonly principals: readonly Member[];
}

/** Everything that rules can tell apart: who, which verb, where. Each stands for all that are like it. */
export interface Universe {
  readonly casts: readonly Cast[];
  readonly verbs: readonly Verb[];
  /** The verbs that each of them stands for, itself included. */
  readonly standsFor: ReadonlyMap<Verb, readonly Verb[]>;
  readonly places: readonly Place[];
}

const IN_SCHEMAS = ['Table', 'View', 'Sequence', 'Function', 'Type'];
const ON_TOP = ['Database', 'DatabaseRole', 'Setting', 'Channel'];

export function universeOf(configuration: Configuration, parties: Parties, foresight: Foresight, alsoNamed: readonly Named[]): Universe {
  const named = [...foresight.named, ...alsoNamed];
  const types = new Set([...foresight.types, ...named.map(({ type }) => type)]);
  const standsFor = verbsOf(named);
  return { casts: castsOf(configuration, parties, foresight), verbs: [...standsFor.keys()], standsFor, places: targetsOf(configuration, named, foresight).flatMap((target) => placesAt(target, named, types)) };
}

function castsOf({ principals }: Configuration, parties: Parties, { named, reads }: Foresight): Cast[] {
  const casts = new Map<string, { actor: Actor; principals: Member[] }>();
  const known = new Set(named.filter(({ type }) => type === 'Agent' || type === 'Human').map(({ id }) => id));
  for (const { name, kind, roles } of principals) {
    for (const member of parties.waysOf(name)) {
      const { actors } = member;
      const [acts, party] = [actors.length > 0 ? 'agent' : kind, parties.behind(member) ?? []] as const;
      const actor: Actor = { kind: acts, name, roles, party, ...(actors.length > 0 && { actors }) };
      const own = [known.has(name) || reads.principal.has('name') ? name : '', reads.principal.has('party') ? party : []];
      const key = JSON.stringify([acts, roles.toSorted(), ...own]);
      const cast = casts.get(key) ?? { actor, principals: [] };
      cast.principals.push(member);
      casts.set(key, cast);
    }
  }
  return [...casts.values()];
}

/** Every verb that is named, and of each duty one that stands for those that are not. */
function verbsOf(named: readonly Named[]): ReadonlyMap<Verb, readonly Verb[]> {
  const all = Object.keys(VERBS) as Verb[];
  const spoken = new Set(named.filter(({ type }) => type === 'Action').map(({ id }) => id));
  const silent = Duty.options.map((duty) => all.filter((verb) => VERBS[verb] === duty && !spoken.has(verb))).filter((verbs) => verbs.length > 0);
  return new Map([...all.filter((verb) => spoken.has(verb)).map((verb) => [verb]), ...silent].map((verbs) => [verbs[0]!, verbs]));
}

/** Targets that no rule names and whose labels are equal are one. */
function targetsOf({ targets }: Configuration, named: readonly Named[], { reads }: Foresight): Target[] {
  const spoken = new Set(named.map(({ id }) => segmentsOf(id)[0]));
  const keyOf = ({ name, protocol, labels }: Target) =>
    JSON.stringify([spoken.has(name) || reads.place.has('name') ? name : '', protocol, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  const kinds = new Map<string, Target>();
  for (const target of targets) if (!kinds.has(keyOf(target))) kinds.set(keyOf(target), target);
  return [...kinds.values()];
}

function placesAt(target: Target, named: readonly Named[], types: ReadonlySet<string>): Place[] {
  const top: Named = { type: 'Target', id: target.name };
  const here = named.map((one) => ({ ...one, segments: segmentsOf(one.id) })).filter(({ segments, type }) => segments[0] === target.name && segments.length > 1 && type !== 'Action');
  const schemas = [...new Set(here.filter(({ type, segments }) => type === 'Schema' || segments.length > 2).map(({ segments }) => segments[1]!))];
  const plain = (list: readonly string[]) => [...list.filter((type) => types.has(type)), ...list.filter((type) => !types.has(type)).slice(0, 1)];
  const inside = (schema: string | undefined): Place[] => {
    const parents = schema === undefined ? [top] : [{ type: 'Schema', id: `${target.name}/${schema}` }, top];
    return [...plain(IN_SCHEMAS), 'Other'].map((type) => ({ type, target, parents, ...(schema !== undefined && { schema: read(schema) }) }));
  };
  return [
    { type: 'Target', target, id: target.name, parents: [], name: target.name, schema: '' },
    ...here.filter(({ type }) => type !== 'Schema' && type !== 'Target').map(({ type, id, segments }) => namedPlace(type, id, segments, target)),
    ...schemas.map((schema): Place => ({ type: 'Schema', target, id: `${target.name}/${schema}`, parents: [top], name: read(schema), schema: '' })),
    { type: 'Schema', target, parents: [top], schema: '' },
    ...[...schemas, undefined].flatMap(inside),
    ...[...plain(ON_TOP), 'Other'].map((type): Place => ({ type, target, parents: [top], schema: '' })),
  ];
}

function namedPlace(type: string, id: string, segments: readonly string[], target: Target): Place {
  const top: Named = { type: 'Target', id: target.name };
  if (segments.length < 3) return { type, target, id, parents: [top], name: read(segments.at(-1)!), schema: '' };
  return { type, target, id, parents: [{ type: 'Schema', id: segments.slice(0, 2).join('/') }, top], name: read(segments.at(-1)!), schema: read(segments[1]!) };
}

function segmentsOf(id: string): string[] {
  return id.split('/');
}

/** A segment of an id as the name it stands for. */
function read(segment: string): string {
  return segment.replaceAll('%2F', '/').replaceAll('%25', '%');
}

/** Whether a place is, or lies in, a resource that is named. */
export function liesIn(place: Place, resource: Named): boolean {
  return (place.type === resource.type && place.id === resource.id) || place.parents.some(({ type, id }) => type === resource.type && id === resource.id);
}
