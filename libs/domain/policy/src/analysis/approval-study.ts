import type { Ask, Configuration } from '@interlock/contracts';
import { grantsRolesByToken } from '../people.js';
import { RISK_RULE } from '../risk/tighten.js';
import type { Study } from './analyse.js';
import { actInWords, asked, type Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { Member } from './member.js';
import type { Parties } from './parties.js';
import type { Possibilities } from './proposition.js';
import { approversFor, quorumInWords } from './quorum.js';
import type { Cast } from './universe.js';

interface Asking {
  readonly quorum: Ask['quorum'];
  /** Who can come to ask, and the first thing they would ask for. */
  readonly requesters: Map<string, Member & { readonly act: string }>;
}

/**
 * Commands that need approval, by a rule or by their risk, take a requester and approvers. What run time does not stop is found here: doing
 * the same through another agent that is not asked, and a quorum that only dependent people could fill. People on both sides are named, too.
 */
export class ApprovalStudy implements Study {
  readonly #askings = new Map<string, Asking>();
  readonly #evasions = new Map<string, Finding>();
  readonly #casts = new Map<Cast, ReadonlyMap<string, readonly Member[]>>();

  constructor(private readonly configuration: Configuration, private readonly parties: Parties, private readonly possibilities: Possibilities) {}

  see(cells: readonly Cell[]): void {
    for (const cell of cells) {
      for (const lift of cell.lifts) {
        const when = asked(cell, lift);
        if (!this.possibilities.possible(when)) continue;
        this.#noteAsking(lift.rule.id, lift.rule.quorum, cell);
        for (const free of cells) {
          if (this.possibilities.exhausted) return;
          if (free !== cell && this.possibilities.possible({ all: [when, free.alone] })) this.#noteEvasion(lift.rule.id, cell, free);
        }
      }
    }
  }

  findings(): readonly Finding[] {
    return [...this.#evasions.values(), ...[...this.#askings].flatMap(([rule, asking]) => [...this.#impossible(rule, asking), ...this.#bothSides(rule, asking)])];
  }

  #noteAsking(rule: string, quorum: Ask['quorum'], cell: Cell): void {
    const asking = this.#askings.get(rule) ?? { quorum, requesters: new Map() };
    this.#askings.set(rule, asking);
    for (const member of cell.cast.principals) {
      const key = JSON.stringify(member);
      if (!asking.requesters.has(key)) asking.requesters.set(key, { ...member, act: actInWords(cell) });
    }
  }

  /** One finding for each rule, person and principal that goes around it, whatever the place. */
  #noteEvasion(rule: string, cell: Cell, free: Cell): void {
    const others = this.#behind(free.cast);
    for (const [human, requesters] of this.#behind(cell.cast)) {
      const pair = firstPair(requesters, others.get(human) ?? []);
      if (!pair) continue;
      const [requester, other] = pair;
      const key = JSON.stringify([rule, human, other]);
      if (this.#evasions.has(key)) continue;
      const inPerson = this.parties.entry(other.name)?.kind === 'human' && other.actors.length === 0;
      const told = [
        this.parties.through(human, requester, `may ${actInWords(cell)} only when ${quorumInWords(cell.lifts.find((lift) => lift.rule.id === rule)!.rule.quorum)} agrees`),
        this.parties.through(human, other, 'may do it with nobody asked'),
      ];
      this.#evasions.set(key, {
        level: inPerson ? 'warning' : 'conflict', kind: 'approval-evaded', at: placeOf(rule),
        detail: `one person alone: ${human} ${told.join(', and ')} (${inWords(rule)})`,
        remedy: `Let ${inWords(rule)} speak of ${other.name} too, or ${remedyFor(other, inPerson)}.`,
      });
    }
  }

  #behind(cast: Cast): ReadonlyMap<string, readonly Member[]> {
    const known = this.#casts.get(cast) ?? this.parties.allBehind(cast.principals);
    this.#casts.set(cast, known);
    return known;
  }

  #impossible(rule: string, { quorum, requesters }: Asking): Finding[] {
    if (grantsRolesByToken(this.configuration)) return [];
    const asking = [...requesters.values()].filter(({ actors }) => actors.length === 0);
    const without = asking.filter((member) => !approversFor(member, quorum, this.parties)).map(({ name }) => name);
    if (without.length === 0) return [];
    return [{
      level: 'warning', kind: 'approval-impossible', at: placeOf(rule),
      detail: `${inWords(rule)} waits for ${quorumInWords(quorum)}, and for ${without.join(', ')} there ${quorum.length === 1 && quorum[0]!.count === 1 ? 'is nobody' : 'are not as many people'} who could agree without sharing a human with the requester or each other`,
      remedy: 'Give the role to independent people, or the agents other owners.',
    }];
  }

  #bothSides(rule: string, { quorum, requesters }: Asking): Finding[] {
    const byRole = (this.configuration.separation?.approvers ?? 'by-role') === 'by-role';
    const sides = this.parties.firstBehind(quorum.flatMap(({ role }) => this.parties.peopleWith(role).map((name) => ({ role, name, actors: [] }))));
    const askers = this.parties.firstBehind(requesters.values());
    return [...sides].flatMap(([human, side]): Finding[] => {
      const asker = askers.get(human);
      if (!asker || this.parties.behind(asker) === undefined) return [];
      const told = [this.parties.through(human, asker, `may ${asker.act}`), this.parties.through(human, side, `${this.parties.holding(side.name, side.role)}, which approves it`)];
      return [{
        level: byRole ? 'conflict' : 'warning', kind: 'both-sides', at: placeOf(rule),
        detail: `one person ${byRole ? 'alone' : 'on both sides'}: ${human} ${told.join(', and ')} (${inWords(rule)})${byRole ? '' : '; the approval itself is refused at run time'}`,
        remedy: `Take role ${side.role} from ${side.name}, or give ${asker.actors[0] ?? asker.name} to someone else.`,
      }];
    });
  }
}

/** Two different principals, or one in its own hands and in others'; that its own hands are freer is as it should be. */
function firstPair(requesters: readonly Member[], others: readonly Member[]): readonly [Member, Member] | undefined {
  for (const requester of requesters) {
    const other = others.find((one) => one.name !== requester.name || (requester.actors.length === 0 && one.actors.length > 0));
    if (other) return [requester, other];
  }
  return undefined;
}

function remedyFor({ name, actors }: Member, inPerson: boolean): string {
  if (actors.length > 0) return `let ${actors[0]} act for ${name} no longer`;
  return inPerson ? 'give the agent to someone else' : 'give one of the agents to someone else';
}

function inWords(rule: string): string {
  return rule === RISK_RULE ? 'risk' : `rule ${rule}`;
}

function placeOf(rule: string): Finding['at'] {
  return rule === RISK_RULE ? { path: ['risk', 'thresholds', 'ask'] } : { rule };
}
