export { CedarJudgeCompiler } from './compiler.js';
export { CedarJudge } from './judge.js';
export { checkPolicies } from './check.js';
export { readPolicies, type ReadPolicies } from './read.js';
export { describeProblem, type PolicyProblem } from './problem.js';
export { namedEntities, type NamedEntity } from './usage.js';
export { ruleHash } from './lifting.js';
export { type Lift, type Rule } from './rule.js';
export { CEDAR_LIMITS } from './limits.js';
