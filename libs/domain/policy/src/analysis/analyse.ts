import type { Configuration } from '@interlock/contracts';
import { grantsRolesByToken } from '../people.js';
import { resourceOf } from '../separation-problems.js';
import { administrationFindings } from './administration.js';
import { ApprovalStudy } from './approval-study.js';
import { cellOf } from './cell.js';
import { DynamicStudy } from './dynamic-study.js';
import { exclusiveRoleFindings } from './exclusive-roles.js';
import { FactStudy } from './fact-study.js';
import type { Finding } from './finding.js';
import type { Foresight } from './foresight.js';
import { GlassStudy } from './glass-study.js';
import { CHAINS_MAX } from './member.js';
import { withObtainableRoles } from './obtainable-roles.js';
import { peopleFindings } from './people-findings.js';
import { Parties } from './parties.js';
import { Possibilities } from './proposition.js';
import { RiskForesight } from './risk-foresight.js';
import { RuleStudy } from './rule-study.js';
import { TaskStudy } from './task-study.js';
import { universeOf, type Universe } from './universe.js';

/** Steps of evaluating rules, some seconds' worth, after which whatever is left counts as undecided. */
export const STEPS_MAX = 8_000_000;

export interface Analysis {
  /** Conflicts first, then exceptions. */
  readonly findings: readonly Finding[];
  /** How much was looked at: what rules can tell apart. */
  readonly extent: { readonly casts: number; readonly verbs: number; readonly places: number; readonly rules: number };
}

/**
 * Everything that parties could reach by a configuration and its rules: roles, also those that can be asked for, owners, accounts, acting for others, approvers, whoever a
 * risk asks, and the right to change the configuration. It finds every way in which fewer parties than a task takes could complete it, which
 * run time would not stop. Whoever may break a glass is told as an exception from that, for one person alone then can.
 *
 * Sound, not complete: what only a command itself will say is taken either way, and what cannot be decided counts as a conflict.
 */
export function analyse(given: Configuration, humansBehind: ReadonlyMap<string, readonly string[] | undefined>, foresight: Foresight): Analysis {
  const configuration = withObtainableRoles(given);
  const parties = new Parties(configuration, humansBehind);
  const { tasks = [], dynamic = [] } = configuration.separation ?? {};
  const acts = [...tasks.flatMap(({ steps }) => steps), ...dynamic.flatMap(({ between }) => between)];
  const alsoNamed = [
    ...[...acts, ...(configuration.risk?.acts ?? [])].flatMap(({ verb }) => (verb === undefined ? [] : [{ type: 'Action', id: verb }])),
    ...acts.flatMap(({ resource }) => (resource === undefined ? [] : [resourceOf(resource)])),
  ];
  const universe = universeOf(configuration, parties, foresight, alsoNamed);
  const extent = { casts: universe.casts.length, verbs: universe.verbs.length, places: universe.places.length, rules: foresight.rules.length };
  const possibilities = new Possibilities();
  const studies = [
    new RuleStudy(foresight, possibilities, universe), new ApprovalStudy(configuration, parties, possibilities), new TaskStudy(configuration, parties, possibilities),
    new DynamicStudy(configuration, parties, possibilities), new FactStudy(foresight, universe), new GlassStudy(configuration, parties, possibilities),
  ];
  const risk = configuration.risk && new RiskForesight(configuration.risk, foresight);
  if (parties.tooManyChains) return { findings: [tooManyChains()], extent };
  if (!walk(universe, { foresight, risk }, possibilities, studies)) return { findings: [tooMuch(extent)], extent };
  const found = [
    ...exclusiveRoleFindings(configuration, parties), ...studies.flatMap((study) => study.findings()).filter((finding) => !(grantsRolesByToken(configuration) && BY_KNOWN_ROLES.has(finding.kind))),
    ...administrationFindings(configuration, parties), ...peopleFindings(configuration, parties, foresight),
  ];
  return { findings: inOrder([...found, ...undecided(possibilities)]), extent };
}

/** A study takes one cell after another, all casts of a verb and a place together, and tells at the end. */
export interface Study {
  see(cells: readonly ReturnType<typeof cellOf>[]): void;
  findings(): readonly Finding[];
}

/** What only a look at every principal's roles can tell. */
const BY_KNOWN_ROLES: ReadonlySet<Finding['kind']> = new Set(['rule-never-applies', 'rule-shadowed', 'separation-idle']);

/** Asks about everything that rules can tell apart; false when it takes too long. */
function walk({ casts, verbs, places }: Universe, { foresight, risk }: { readonly foresight: Foresight; readonly risk: RiskForesight | undefined }, possibilities: Possibilities, studies: readonly Study[]): boolean {
  for (const verb of verbs) {
    for (const place of places) {
      const cells: ReturnType<typeof cellOf>[] = [];
      for (const cast of casts) {
        const score = risk?.on(cast.actor, verb, place);
        cells.push(cellOf({ cast, verb, place }, foresight.on(cast.actor, verb, place), score, score && risk?.lift(score.asks)));
        if (foresight.steps > STEPS_MAX) return false;
      }
      for (const study of studies) study.see(cells);
      if (possibilities.exhausted) return false;
    }
  }
  return true;
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return (['conflict', 'exception', 'warning'] as const).flatMap((level) => findings.filter((finding) => finding.level === level));
}

function tooManyChains(): Finding {
  return {
    level: 'conflict', kind: 'undecided', at: { path: ['delegation'] },
    detail: `what one party alone could reach by acting for others cannot be decided: there are more than ${CHAINS_MAX} ways of handing a token on`,
    remedy: 'Allow less depth, or fewer to act for others.',
  };
}

function tooMuch({ casts, verbs, places, rules }: Analysis['extent']): Finding {
  return {
    level: 'conflict', kind: 'undecided', at: { path: ['principals'] },
    detail: `whether one party alone could do what takes two cannot be decided in time: ${casts} kinds of principals, ${verbs} verbs, ${places} places and ${rules} rules are too many, or their conditions too long`,
    remedy: 'Let rules name roles and schemas instead of single principals and tables, and keep conditions short.',
  };
}

function undecided({ undecided: count }: Possibilities): Finding[] {
  if (count === 0) return [];
  return [{
    level: 'conflict', kind: 'undecided', at: { path: ['separation'] },
    detail: `${count} ${count === 1 ? 'condition is' : 'conditions are'} too involved to decide whether all of it can hold`,
    remedy: 'Split the rules with the longest conditions.',
  }];
}
