import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Bundle } from '@interlock/contracts';
import type { JudgeCompiler } from '@interlock/domain-policy';
import { checkPolicies } from './check.js';
import { CedarJudge } from './judge.js';
import { describeProblem } from './problem.js';

/** Compiles a bundle's Cedar rules. Refuses with `policies_invalid`, naming file, line, column and what was expected. */
export class CedarJudgeCompiler implements JudgeCompiler {
  compile(bundle: Bundle): Outcome<CedarJudge> {
    const { rules, problems } = checkPolicies(bundle.policies);
    if (problems.length === 0) return accepted(new CedarJudge(bundle, rules));
    return refused('policies_invalid', `The rules of bundle ${bundle.version} cannot be used: ${problems.map(describeProblem).join('; ')}.`);
  }
}
