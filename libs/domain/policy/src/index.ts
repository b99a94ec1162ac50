export { type Judge, type JudgeCompiler, type JudgeRequest } from './judge.js';
export { change, type ChangeCommand, type ChangeEvent, type InForce, type Proposal } from './change.js';
export { configurationProblems, type ConfigurationProblem } from './configuration-problems.js';
export { separationProblems } from './separation-problems.js';
export { withRoleMembers } from './role-members.js';
export { ruleProblems, type RuleMention, type RuleProblem } from './rule-problems.js';
export { contentHash, inOrder } from './content-hash.js';
export { summarise, type Described } from './summary.js';
