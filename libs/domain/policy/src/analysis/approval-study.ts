import type { Ask, Configuration } from '@interlock/contracts';
import { grantsRolesByToken } from '../people.js';
import type { Study } from './analyse.js';
import { actInWords, asked, type Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { Parties } from './parties.js';
import type { Possibilities } from './proposition.js';
import { approversFor, quorumInWords } from './quorum.js';
import type { Cast } from './universe.js';

type Member = Cast['principals'][number];

interface Asking {
  readonly quorum: Ask['quorum'];
  /** Who can come to ask, and the first thing they would ask for. */
  readonly requesters: Map<string, { readonly member: Member; readonly act: string }>;
}

/**
 * Commands that need approval take a requester and approvers. What run time does not stop is found here: doing the same through
 * another agent that is not asked, and a quorum that only dependent people could fill. People on both sides are named, too.
 */
export class ApprovalStudy implements Study {
  readonly #askings = new Map<string, Asking>();
  readonly #evasions = new Map<string, Finding>();
  readonly #casts = new Map<Cast, ReadonlyMap<string, Member>>();

  constructor(private readonly configuration: Configuration, private readonly parties: Parties, private readonly possibilities: Possibilities) {}

  see(cells: readonly Cell[]): void {
    for (const cell of cells) {
      for (const lift of cell.lifts) {
        const when = asked(cell, lift);
        if (!this.possibilities.possible(when)) continue;
        this.#noteAsking(lift.rule.id, lift.rule.quorum, cell);
        for (const other of cells) {
          if (this.possibilities.exhausted) return;
          if (other !== cell && this.possibilities.possible({ all: [when, other.alone] })) this.#noteEvasion(lift.rule.id, cell, other);
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
      const known = asking.requesters.get(member.name);
      if (!known || (known.member.lent && !member.lent)) asking.requesters.set(member.name, { member, act: actInWords(cell) });
    }
  }

  /** One finding for each rule, person and principal that goes around it, whatever the place. */
  #noteEvasion(rule: string, cell: Cell, free: Cell): void {
    const others = this.#behind(free.cast);
    for (const [human, requester] of this.#behind(cell.cast)) {
      const other = others.get(human);
      if (!other || requester.name === other.name) continue;
      const key = JSON.stringify([rule, human, other.name]);
      if (this.#evasions.has(key)) continue;
      const inPerson = this.parties.entry(other.name)?.kind === 'human';
      const told = [
        this.parties.through(human, requester, `may ${actInWords(cell)} only when ${quorumInWords(cell.lifts.find((lift) => lift.rule.id === rule)!.rule.quorum)} agrees`),
        this.parties.through(human, other, 'may do it with nobody asked'),
      ];
      this.#evasions.set(key, {
        level: inPerson ? 'warning' : 'conflict', kind: 'approval-evaded', at: { rule },
        detail: `one person alone: ${human} ${told.join(', and ')} (rule ${rule})`,
        remedy: `Let rule ${rule} speak of ${other.name} too, or give ${inPerson ? 'the agent to someone else' : 'one of the agents to someone else'}.`,
      });
    }
  }

  #behind(cast: Cast): ReadonlyMap<string, Member> {
    const known = this.#casts.get(cast) ?? this.parties.firstBehind(cast.principals);
    this.#casts.set(cast, known);
    return known;
  }

  #impossible(rule: string, { quorum, requesters }: Asking): Finding[] {
    if (grantsRolesByToken(this.configuration)) return [];
    const asking = [...requesters.values()].filter(({ member }) => !member.lent);
    const without = asking.filter(({ member }) => !approversFor(member.name, quorum, this.parties)).map(({ member }) => member.name);
    if (without.length === 0) return [];
    return [{
      level: 'warning', kind: 'approval-impossible', at: { rule },
      detail: `rule ${rule} waits for ${quorumInWords(quorum)}, and for ${without.join(', ')} there ${quorum.length === 1 && quorum[0]!.count === 1 ? 'is nobody' : 'are not as many people'} who could agree without sharing a human with the requester or each other`,
      remedy: 'Give the role to independent people, or the agents other owners.',
    }];
  }

  #bothSides(rule: string, { quorum, requesters }: Asking): Finding[] {
    const byRole = (this.configuration.separation?.approvers ?? 'by-role') === 'by-role';
    const sides = this.parties.firstBehind(quorum.flatMap(({ role }) => this.parties.peopleWith(role).map((name) => ({ role, name }))));
    const askers = this.parties.firstBehind([...requesters].map(([name, one]) => ({ name, ...one })));
    return [...sides].flatMap(([human, side]): Finding[] => {
      const other = askers.get(human);
      if (!other || this.parties.of(other.name) === undefined) return [];
      const told = [this.parties.through(human, other.member, `may ${other.act}`), this.parties.through(human, { name: side.name, lent: false }, `has role ${side.role}, which approves it`)];
      return [{
        level: byRole ? 'conflict' : 'warning', kind: 'both-sides', at: { rule },
        detail: `one person ${byRole ? 'alone' : 'on both sides'}: ${human} ${told.join(', and ')} (rule ${rule})${byRole ? '' : '; the approval itself is refused at run time'}`,
        remedy: `Take role ${side.role} from ${side.name}, or give ${other.member.name} to someone else.`,
      }];
    });
  }
}
