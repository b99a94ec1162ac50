import { ESTIMATE_FACTS, FACTS, VERBS, type Verb } from '@interlock/contracts';
import type { Actor, Place } from '@interlock/domain-policy';
import { known, open, sameEntity, type Constant, type EntityValue, type Term } from './term.js';

/** One access before its command is known: who, which verb, where. */
export interface Scene {
  readonly actor: Actor;
  readonly verb: Verb;
  readonly place: Place;
  /** Counts the steps of evaluation. */
  readonly work: { steps: number };
}

export function variable(name: string, scene: Scene): Term {
  switch (name) {
    case 'principal': return known(principalOf(scene));
    case 'action': return known({ type: 'Action', id: scene.verb });
    case 'resource': return known(resourceOf(scene));
    default: return { open: name };
  }
}

/** What the rules read as `context.<name>`: of a target everything is known, of a command nothing. */
export function contextAttribute(name: string, scene: Scene): Term {
  const { target } = scene.place;
  switch (name) {
    case 'target': return known({ type: 'Target', id: target.name });
    case 'session': return known({ type: 'Session', id: 'session' });
    case 'protocol': return known(target.protocol);
    default: return { open: isOfCommand(name) ? `context.${name}` : `context.${name}${ofActor(scene)}` };
  }
}

/** Whether the context has it: what belongs to every command and every target it always has. */
export function contextHas(path: readonly string[], scene: Scene): Term {
  const [name = '', ...deeper] = path;
  const always = deeper.length === 0 && (isOfCommand(name) || ['target', 'session', 'protocol'].includes(name));
  return always ? known(true) : { open: `context has ${path.join('.')}${ofActor(scene)}` };
}

/** What a command says is the same whoever sends it; a session, a grant or what was gathered belongs to its requester. */
function isOfCommand(name: string): boolean {
  return Object.hasOwn(FACTS, name) || Object.hasOwn(ESTIMATE_FACTS, name) || ['command', 'textBytes', 'columnsRead', 'columnsWritten'].includes(name);
}

function ofActor({ actor }: Scene): string {
  return ` of ${[actor.kind, ...(actor.actors ?? []), actor.name].join(' ')}`;
}

export function attributeOf(entity: EntityValue, name: string, scene: Scene): Term {
  const unknown = open('.', known(entity), known(name));
  if (sameEntity(entity, principalOf(scene))) {
    const { actor } = scene;
    if (name === 'name') return known(actor.name);
    if (name === 'roles') return known({ set: actor.roles });
    return name === 'party' && actor.party ? known({ set: actor.party }) : unknown;
  }
  if (sameEntity(entity, resourceOf(scene))) {
    const value = name === 'name' ? scene.place.name : name === 'schema' ? scene.place.schema : undefined;
    return value === undefined ? { open: `resource.${name}` } : known(value);
  }
  if (entity.type === 'Target' && entity.id === scene.place.target.name) return name === 'name' ? known(entity.id) : name === 'schema' ? known('') : unknown;
  return unknown;
}

export function tagOf(entity: EntityValue, tag: Term, scene: Scene): Term {
  const label = labelOf(entity, tag, scene);
  return label?.value === undefined ? open(`getTag${ofActor(scene)}`, known(entity), tag) : known(label.value);
}

export function hasTag(entity: EntityValue, tag: Term, scene: Scene): Term {
  const label = labelOf(entity, tag, scene);
  return label ? known(label.value !== undefined) : open(`hasTag${ofActor(scene)}`, known(entity), tag);
}

/** The label of the target; undefined where tags belong to the session, or cannot be told. */
function labelOf(entity: EntityValue, tag: Term, { place: { target } }: Scene): { readonly value: string | undefined } | undefined {
  if (entity.type !== 'Target' || entity.id !== target.name || !('known' in tag) || typeof tag.known !== 'string') return undefined;
  return { value: Object.hasOwn(target.labels, tag.known) ? target.labels[tag.known] : undefined };
}

/** Whether an entity is, or lies below, another one. Of entities that a request does not bring, Cedar knows nothing above them. */
export function isIn(entity: EntityValue, above: EntityValue, scene: Scene): boolean {
  if (sameEntity(entity, above)) return true;
  if (entity.type === 'Action') return above.type === 'Action' && Object.hasOwn(VERBS, entity.id) && VERBS[entity.id as Verb] === above.id;
  if (sameEntity(entity, principalOf(scene))) return above.type === 'Role' && scene.actor.roles.includes(above.id);
  if (!sameEntity(entity, resourceOf(scene))) return false;
  return scene.place.parents.some((parent) => sameEntity(parent, above));
}

function principalOf({ actor }: Scene): EntityValue {
  return { type: actor.kind === 'agent' ? 'Agent' : 'Human', id: actor.name };
}

function resourceOf({ place }: Scene): EntityValue {
  return place.id === undefined ? { type: place.type, id: '', unnamed: true } : { type: place.type, id: place.id };
}

/** Reads a literal of Cedar's JSON; undefined for one that is not followed. */
export function literal(value: unknown): Constant | undefined {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const entity = (value as { readonly __entity?: { readonly type: string; readonly id: string } } | null)?.__entity;
  return entity && { type: entity.type, id: entity.id };
}
