import type { Violation } from './boundaries.js';
import { withoutComments, type Project, type SourceFile } from './tree.js';

interface Habit {
  readonly pattern: RegExp;
  readonly what: string;
  readonly remedy: string;
  /** Types of project the habit is asked of; every type when absent. */
  readonly types?: readonly string[];
  /** Files that are the one place for it. */
  readonly except?: RegExp;
}

const PURE = ['kernel', 'contract', 'domain', 'language', 'protocol', 'gateway', 'authoring'];

const HABITS: readonly Habit[] = [
  { pattern: /\bprocess\.env\b/, what: 'reads the environment', remedy: 'take it from the configuration of libs/nest; main.ts alone hands it over', except: /^deploy\/|^libs\/testkit\/|^services\/[^/]+\/src\/main\.ts$/ },
  { pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/, what: 'reads a clock', remedy: 'take the time as an argument or through a port', types: PURE },
  { pattern: /\bMath\.random\(|\brandomBytes\(|\brandomUUID\(/, what: 'draws random numbers', remedy: 'take them as an argument or through a port', types: PURE },
  { pattern: /\bforwardRef\(/, what: 'uses forwardRef', remedy: 'break the cycle' },
  { pattern: /:\s*any\b|\bas any\b|<any>/, what: 'uses any', remedy: 'name the type, or take unknown and check it' },
  { pattern: /@ts-ignore|@ts-nocheck|eslint-disable|oxlint-disable/, what: 'silences a check', remedy: 'mend what the check found' },
  { pattern: /^export \* from/m, what: 'exports everything of a file', remedy: 'name what the door offers' },
];

const NAMES_TO_AVOID = /^(common|shared|utils?|core|helpers?)$/;
const LONGEST_FILE_LINES = 400;
const MOST_PARAMETERS = 5;

export function habitViolations(projects: readonly Project[]): Violation[] {
  return projects.flatMap((project) => [...nameViolations(project), ...project.sources.flatMap((file) => fileViolations(project, file))]);
}

function fileViolations(project: Project, file: SourceFile): Violation[] {
  const isTest = /\.(spec|test)\.ts$/.test(file.path);
  const raw = file.text;
  const code = withoutComments(raw);
  const broken = HABITS.filter((habit) => !isTest && appliesTo(habit, project, file) && habit.pattern.test(habit.what === 'silences a check' ? raw : code));
  const long = !isTest && raw.split('\n').length > LONGEST_FILE_LINES
    ? [{ where: file.path, what: `has more than ${LONGEST_FILE_LINES} lines`, remedy: 'give each notion a file' }]
    : [];
  const barrel = file.path.endsWith('/index.ts') && !file.path.endsWith('/src/index.ts') && onlyReexports(code)
    ? [{ where: file.path, what: 'is an inner barrel', remedy: 'import the files themselves' }]
    : [];
  const demanding = isTest ? [] : constructorsOf(code).filter((parameters) => parameters > MOST_PARAMETERS)
    .map((parameters) => ({ where: file.path, what: `has a constructor of ${parameters} parameters`, remedy: 'name what belongs together, or give part of the work to a class of its own' }));
  return [...broken.map(({ what, remedy }) => ({ where: file.path, what, remedy })), ...long, ...barrel, ...demanding];
}

/** How many parameters each constructor of the code takes. */
function constructorsOf(code: string): number[] {
  return [...code.matchAll(/\bconstructor\(/g)].map((match) => parametersFrom(code.slice(match.index + match[0].length)));
}

/** Counts what stands between commas up to the closing bracket, whatever stands in inner brackets aside. */
function parametersFrom(code: string): number {
  let depth = 1;
  let parameters = 0;
  let begun = false;
  for (const character of code.replaceAll('=>', '')) {
    if ('([{<'.includes(character)) depth += 1;
    if (')]}>'.includes(character)) depth -= 1;
    if (depth === 0) break;
    if (depth === 1 && character === ',') begun = false;
    else if (!begun && /\S/.test(character)) [begun, parameters] = [true, parameters + 1];
  }
  return parameters;
}

function appliesTo(habit: Habit, project: Project, file: SourceFile): boolean {
  if (habit.except?.test(file.path)) return false;
  return !habit.types || habit.types.some((type) => project.tags.includes(`type:${type}`));
}

function onlyReexports(code: string): boolean {
  return code.split('\n').filter((line) => line.trim() !== '').every((line) => /^\s*(export\b.*from|export \{|\}|[\w\s,]+)/.test(line) && !/=/.test(line));
}

function nameViolations(project: Project): Violation[] {
  return project.root.split('/').some((part) => NAMES_TO_AVOID.test(part))
    ? [{ where: project.root, what: 'has a name that says nothing', remedy: 'name it after what it holds' }]
    : [];
}
