export { type PolicyProblem } from '@interlock/adapter-cedar';
export { CONFIGURATION_LIMITS } from './limits.js';
export { maskingProblems, maskingProblemsAt } from './masking-problems.js';
export { readConfiguration, problemIn, type ReadConfiguration } from './read-configuration.js';
export { canonicalFile } from './canonical-file.js';
export { readBundleParts, type BundleParts } from './bundle-parts.js';
export { analyseConfiguration, conflictProblems, type AnalysedConfiguration, type LocatedFinding } from './analyse-configuration.js';
export { runCases, type CaseOutcome, type CaseResult, type CasesRun } from './cases/run-cases.js';
